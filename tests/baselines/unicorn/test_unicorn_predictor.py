"""Inference over a video: what a frame looks at, and the way from the frame's pixels to the network's and back."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from parity import img
from small_unicorn import SETTINGS
from torch import Tensor

from baselines.layers.detections import Detections
from baselines.unicorn import host, predictor
from baselines.unicorn.detection import DetectionSettings
from baselines.unicorn.images import as_input, on_canvas
from baselines.unicorn.predictor import UnicornPredictor
from instmove.masks import decode
from instmove.video import Image

EVERYTHING = DetectionSettings(least=0.0, overlap=0.3)


def made(height: int, width: int, detection: DetectionSettings = EVERYTHING) -> UnicornPredictor:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    return UnicornPredictor(host.build(SETTINGS, 3), height, width, "cpu", detection)


def frames(count: int, height: int = 64, width: int = 96) -> list[Image]:
    return [(255 * img(seed, 3, height, width, 8)).transpose(1, 2, 0).astype(np.uint8) for seed in range(count)]


def test_a_frame_looks_at_the_last_one_in_which_anything_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    found = iter([True, False, True, True])
    looked_at: list[tuple[Tensor, Tensor]] = []
    middles: list[Tensor] = []
    made_by = made(64, 96)
    maps, embeddings, detect = made_by.network.maps, made_by.network.embeddings, predictor.detect

    def seen(images: Tensor) -> tuple[Tensor, ...]:
        result = maps(images)
        middles.append(result[1])
        return result

    def compared(previous: Tensor, current: Tensor) -> tuple[Tensor, Tensor]:
        looked_at.append((previous, current))
        return embeddings(previous, current)

    def detected(*arguments: Any) -> Detections:
        all_of_them = detect(*arguments)
        rows = slice(None) if next(found) else slice(0)
        fields = ("locations", "classes", "scores", "boxes")
        return Detections(*(getattr(all_of_them, name)[rows] for name in fields))

    monkeypatch.setattr(made_by.network, "maps", seen)
    monkeypatch.setattr(made_by.network, "embeddings", compared)
    monkeypatch.setattr(predictor, "detect", detected)
    counts = [len(instances) for instances in made_by.predict(frames(4))]
    assert [count > 0 for count in counts] == [True, False, True, True]
    previous = [next(n for n, middle in enumerate(middles) if middle is one) for one, _ in looked_at]
    assert previous == [0, 0, 0, 2]
    assert all(current is middle for (_, current), middle in zip(looked_at, middles, strict=True))


def test_detections_depend_on_one_frame_and_embeddings_on_two() -> None:
    made_by = made(64, 96)
    first, second = frames(2)
    (_, after), (alone,) = list(made_by.predict([first, second])), list(made_by.predict([second]))
    np.testing.assert_array_equal(after.scores, alone.scores)
    np.testing.assert_array_equal(after.boxes, alone.boxes)
    assert after.rles == alone.rles
    assert np.abs(after.embeddings - alone.embeddings).max() > 1e-4


def test_frames_are_read_one_by_one() -> None:
    read: list[int] = []

    def lazily() -> Iterator[Image]:
        for number, image in enumerate(frames(3)):
            read.append(number)
            yield image

    next(made(64, 96).predict(lazily()))
    assert read == [0]


def test_fields_of_instances() -> None:
    """A frame of 40 x 60 in 64 x 96: scaled by 1.6, masks of half the resolution, boxes in the frame's pixels."""
    made_by = made(64, 96)
    frame = frames(1, 40, 64)[0][:, :60]
    (found,) = made_by.predict([frame])
    assert np.count_nonzero(found.scores, axis=1).tolist() == [1] * len(found)
    assert (np.diff(found.scores.max(axis=1)) <= 0).all()
    assert found.masks.shape == (len(found), 32, 48)
    assert all(rle["size"] == [40, 60] for rle in found.rles)
    centres = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
    assert ((centres > -10) & (centres < [70, 50])).all()


@pytest.mark.parametrize(("height", "width"), [(64, 96), (40, 60), (48, 96), (64, 70)])
def test_full_masks_are_the_small_ones_enlarged(height: int, width: int) -> None:
    found = next(made(64, 96).predict([frames(1)[0][:height, :width]]))
    for small, rle in list(zip(found.masks, found.rles, strict=True))[:5]:
        full = decode(rle)
        assert full.shape == (height, width)
        rows = (np.arange(height) + 0.5) * small.shape[0] / height
        columns = (np.arange(width) + 0.5) * small.shape[1] / width
        assert (full == small[rows.astype(int)][:, columns.astype(int)]).mean() > 0.8


def test_a_video_without_instances() -> None:
    found = list(made(64, 96, DetectionSettings(least=1.1)).predict(frames(2)))
    assert [len(one) for one in found] == [0, 0]
    assert found[0].boxes.shape == (0, 4)
    assert found[0].embeddings.shape == (0, 16)
    assert found[0].masks.shape == (0, 32, 48)


def test_the_papers_frames_keep_their_size_above_grey() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (720, 1280, 3), dtype=np.uint8)
    canvas = on_canvas(frame, 800, 1280, "cpu")
    assert canvas.shape == (1, 3, 800, 1280)
    np.testing.assert_array_equal(canvas[0, :, :720].numpy().transpose(1, 2, 0)[..., ::-1], frame)
    assert (canvas[0, :, 720:] == 114).all()


def test_training_and_inference_see_the_same() -> None:
    frame = frames(1)[0][:50, :70]
    batch = torch.zeros(1, 3, 64, 96)
    batch[0, :, :50, :70] = torch.from_numpy(frame.copy()).movedim(-1, 0)
    canvas = on_canvas(frame, 50, 70, "cpu")
    seen = as_input(batch, torch.tensor([[50, 70]]))
    torch.testing.assert_close(seen[..., :50, :70], canvas)
    outside = seen.clone()
    outside[..., :50, :70] = 114
    assert (outside == 114).all()
