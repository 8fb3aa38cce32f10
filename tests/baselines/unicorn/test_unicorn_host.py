"""Unicorn through the interface of baselines, at the size of the mini setup: trained, asked, tracked."""

import numpy as np
import pytest
import torch
from small_unicorn import SETTINGS
from torch import Tensor

from baselines.unicorn import host
from baselines.unicorn.detection import DetectionSettings
from baselines.unicorn.network import UnicornNetwork
from instmove.masks import mask_iou
from instmove.video import Image


def squares_batch() -> dict[str, Tensor]:
    """Two samples of two frames: a red square of class 0 and a blue one of class 1, moved by 8 pixels.

    Their frames are 60 pixels high; the rest is padding.
    """
    images, masks = torch.full((2, 2, 3, 64, 96), 40.0), torch.zeros(2, 2, 2, 64, 96, dtype=torch.bool)
    boxes = torch.zeros(2, 2, 2, 4)
    for sample, frame, number in np.ndindex(2, 2, 2):
        x, y = 8 + 40 * number + 8 * frame, 8 + 16 * sample
        masks[sample, frame, number, y : y + 24, x : x + 24] = True
        boxes[sample, frame, number] = torch.tensor([x, y, x + 24, y + 24])
        images[sample, frame, 2 * number] += 180 * masks[sample, frame, number]
    images[..., 60:, :] = 0
    return {
        "images": images,
        "sizes": torch.tensor([60, 96]).expand(2, 2, 2),
        "masks": masks,
        "boxes": boxes,
        "labels": torch.tensor([[0, 1], [0, 1]]),
        "visible": torch.ones(2, 2, 2, dtype=torch.bool),
        "ids": torch.tensor([[1, 2], [3, 4]]),
        "iteration": torch.zeros(2, dtype=torch.int64),
    }


@pytest.fixture(scope="module")
def trained() -> UnicornNetwork:
    """Overfitted to the squares."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    network = host.build(SETTINGS, 2)
    task = host.task(network, SETTINGS, 4)
    optimizer = torch.optim.AdamW(task.parameters(), lr=1e-2)
    batch = squares_batch()
    for _ in range(45):
        optimizer.zero_grad()
        loss = task(batch, "train")["loss"]
        loss.backward()
        optimizer.step()
    return network


def videos() -> list[list[Image]]:
    images = squares_batch()["images"][..., :60, :].movedim(2, -1).numpy().astype(np.uint8)
    return [list(sample) for sample in images]


@pytest.mark.parametrize("sample", [0, 1])
def test_what_was_learned_is_found_and_tracked(trained: UnicornNetwork, sample: int) -> None:
    """The most confident instance of each class is its square, in both frames, and keeps its identity."""
    predictor, tracker = host.predictor(trained, SETTINGS, "cpu"), host.tracker(SETTINGS, trained, None)
    predictor.detection = DetectionSettings(least=0.3)  # no loss has ever seen the embeddings of the others
    batch = squares_batch()
    identities = []
    for frame, found in enumerate(predictor.predict(videos()[sample])):
        ids = tracker.step(frame, found)
        best = found.scores.argmax(axis=0)
        assert found.scores.argmax(axis=1)[best].tolist() == [0, 1]
        truth = batch["masks"][sample, frame, :, 1:60:2, 1::2].numpy()
        assert mask_iou(found.masks, truth)[best, [0, 1]].min() > 0.7
        np.testing.assert_allclose(found.boxes[best], batch["boxes"][sample, frame], atol=5)
        identities.append(ids[best].tolist())
    assert identities[0] == identities[1]
    assert len({*identities[0]} - {-1}) == 2


def test_losses_of_frames_without_objects_are_finite(trained: UnicornNetwork) -> None:
    batch = squares_batch()
    batch["visible"][:, 1] = False
    losses = host.task(trained, SETTINGS, 4)(batch, "train")
    losses["loss"].backward()
    assert all(torch.isfinite(loss) for loss in losses.values())
    assert losses["mask"] == losses["identity"] == losses["box"] == 0


def test_padding_rows_count_for_nothing(trained: UnicornNetwork) -> None:
    batch = squares_batch()
    padded = {
        **batch,
        **{name: torch.cat((batch[name], torch.zeros_like(batch[name][:, :, :1])), 2) for name in ("masks", "boxes")},
        "visible": torch.cat((batch["visible"], torch.zeros(2, 2, 1, dtype=torch.bool)), 2),
        "labels": torch.cat((batch["labels"], torch.full((2, 1), -1)), 1),
    }
    task = host.task(trained, SETTINGS, 4)
    plain, same = task(batch, "train"), task(padded, "train")
    for name in plain:
        torch.testing.assert_close(plain[name], same[name])
