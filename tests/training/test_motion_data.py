"""Training windows of InstMove, on videos made in memory."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from instmove.errors import InstMoveError
from instmove.masks import encode
from instmove.training import motion_validation as validation
from instmove.training.motion_data import MotionSource
from instmove.training.motion_task import OBSERVE, RECALL, MotionTask
from instmove.training.motion_validation import motion_validation
from instmove.video import Dataset, Track, Video

SIDE = 32


def block(x: int) -> np.ndarray:
    mask = np.zeros((20, SIDE), dtype=bool)
    mask[8:14, x : x + 6] = True
    return mask


def dataset(folder: Path, frames: int = 6, missing: tuple[int, ...] = (), ignored: bool = False) -> Dataset:
    """One video; its object is 2 pixels further right in every frame, and frame t is painted with value 10 t."""
    paths = []
    for t in range(frames):
        paths.append(folder / f"{t}.png")
        cv2.imwrite(str(paths[-1]), np.full((20, SIDE, 3), 10 * t, np.uint8))
    rles = tuple(None if t in missing else encode(block(2 * t)) for t in range(frames))
    video = Video(1, "v", 20, SIDE, tuple(paths), (Track(1, 1, rles, ignored),))
    return Dataset("d", {1: "thing"}, ("v",), lambda _: video)


def left_edges(masks: torch.Tensor) -> list[int]:
    return [int(torch.nonzero(mask.any(0))[0]) for mask in masks]


def frame_of(sample: dict[str, torch.Tensor], source: MotionSource) -> int:
    """Which frame the image shows, from the value it is painted with."""
    video = source.videos[0]
    same = [t for t in range(len(video)) if torch.equal(source.canvas.image(video.image(t)), sample["image"])]
    assert len(same) == 1
    return same[0]


def test_windows_move_evenly_and_show_the_target_frame(tmp_path: Path) -> None:
    source = MotionSource(dataset(tmp_path), SIDE, (2, 3, 4), seed=0)
    lengths, steps = Counter(), Counter()
    for iteration in range(60):
        sample = source.sample(iteration, 0)
        edges = left_edges(torch.cat([sample["past"], sample["target"][None]]))
        step = edges[1] - edges[0]
        assert edges == [edges[0] + step * i for i in range(len(edges))]
        lengths[len(sample["past"])] += 1
        steps[step] += 1
        edge = edges[-1]
        assert 2 * frame_of(sample, source) in (edge, SIDE - 6 - edge), "the image is the target's, mirrored or not"
    assert set(lengths) == {2, 3, 4}, "n is drawn from all that is asked for"
    assert set(steps) == {2, -2}, "mirrored or backwards, but not both at once every time"


def maps(sample: dict[str, torch.Tensor]) -> torch.Tensor:
    return torch.cat([sample["past"], sample["target"][None], sample["image"]])


def places(part: torch.Tensor, whole: torch.Tensor) -> list[tuple[int, int]]:
    """Where a square of pixels is found in a larger one."""
    side = part.shape[-1]
    ends = range(whole.shape[-1] - side + 1)
    return [(y, x) for y in ends for x in ends if torch.equal(whole[..., y : y + side, x : x + side], part)]


def test_a_crop_is_the_same_part_of_everything_around_the_last_mask(tmp_path: Path) -> None:
    whole = MotionSource(dataset(tmp_path), SIDE, (2,), seed=0)
    cropped = MotionSource(dataset(tmp_path), SIDE, (2,), seed=0, crop=12)
    corners = set()
    for iteration in range(40):
        sample, part = whole.sample(iteration, 0), cropped.sample(iteration, 0)
        assert part["past"][-1].sum() == sample["past"][-1].sum(), "the last mask is all there"
        found = places(maps(part), maps(sample))
        assert len(found) == 1
        corners.add(found[0])
    assert len(corners) > 10, "not always in the middle"
    # The object's middle is row 17 of the canvas, a sixth of 12 is 2.
    assert {y for y, _ in corners} == set(range(17 - 6 - 2, 17 - 6 + 2 + 1))


def test_a_crop_larger_than_the_canvas_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InstMoveError, match=r"motion\.crop 48 does not fit"):
        MotionSource(dataset(tmp_path), SIDE, (2,), seed=0, crop=48)


def test_is_a_pure_function_of_seed_iteration_and_index(tmp_path: Path) -> None:
    first, second = (MotionSource(dataset(tmp_path), SIDE, (2, 3, 4), seed=5) for _ in range(2))
    for key in first.sample(0, 0):
        assert torch.equal(first.sample(31, 2)[key], second.sample(31, 2)[key])
    other = MotionSource(dataset(tmp_path), SIDE, (2, 3, 4), seed=6)
    drawn = [[left_edges(s.sample(i, 0)["target"][None]) for i in range(20)] for s in (first, other)]
    assert drawn[0] != drawn[1]


def test_all_samples_of_a_batch_have_the_same_length(tmp_path: Path) -> None:
    source = MotionSource(dataset(tmp_path), SIDE, (2, 3, 4), seed=0)
    assert all(len({len(source.sample(i, k)["past"]) for k in range(8)}) == 1 for i in range(10))


def test_gaps_are_skipped_over(tmp_path: Path) -> None:
    """The past of a target is the last visible masks, as in evaluation."""
    source = MotionSource(dataset(tmp_path, missing=(2, 3)), SIDE, (3,), seed=0)
    assert [source.visible[0][0]] == [[0, 1, 4, 5]]
    sample = source.window(source.windows[3][0])
    assert left_edges(sample["past"]) == [0, 2, 8]
    assert left_edges(sample["target"][None]) == [10]


def test_strides_thin_the_frames_from_every_beginning(tmp_path: Path) -> None:
    source = MotionSource(dataset(tmp_path, frames=7, missing=(3,)), SIDE, (2,), seed=0, strides=(1, 2))
    full = [(0, 1, 2), (1, 2, 4), (2, 4, 5), (4, 5, 6)]
    assert [window.frames for window in source.windows[2]] == [*full, (0, 2, 4), (2, 4, 6)]


def test_short_tracks_fall_back_and_are_counted(tmp_path: Path) -> None:
    source = MotionSource(dataset(tmp_path, frames=3), SIDE, (2, 3, 4), seed=0)
    assert all(len(source.sample(i, 0)["past"]) == 2 for i in range(10))
    assert MotionSource(dataset(tmp_path, frames=4), SIDE, (2, 6), seed=0).skipped == 0
    with pytest.raises(InstMoveError, match="split 'd': no track has 3 visible masks"):
        MotionSource(dataset(tmp_path, frames=2), SIDE, (2, 3), seed=0)
    with pytest.raises(InstMoveError, match="split 'd': no track"):
        MotionSource(dataset(tmp_path, ignored=True), SIDE, (2, 3), seed=0)


def test_a_track_is_too_short_without_a_target_after_the_shortest_past(tmp_path: Path) -> None:
    (video,) = dataset(tmp_path, frames=3)
    (track,) = video.tracks or ()
    short = Track(2, 1, (*track.masks[:2], None))
    found = Dataset("d", {1: "thing"}, ("v",), lambda _: replace(video, tracks=(track, short)))
    assert MotionSource(found, SIDE, (2, 3), seed=0).skipped == 1


def test_memory_learns_in_step_one_only(tmp_path: Path) -> None:
    from instmove.network.build import build_network

    torch.manual_seed(0)
    source = MotionSource(dataset(tmp_path), SIDE, (2,), seed=0)
    batch = {key: torch.stack([source.sample(0, k)[key] for k in range(2)]) for key in ("past", "target", "image")}
    for phase, seen, unseen in ((OBSERVE, "context", "matching"), (RECALL, "matching", "context")):
        task = MotionTask(build_network("released", "full", 0.125))
        task(batch, phase)["loss"].backward()
        learned = {name for name, p in task.network.named_parameters() if p.grad is not None and p.grad.abs().sum() > 0}
        assert ("memory.memory_w" in learned) == (phase == OBSERVE)
        assert any(f"motion_{seen}_encoder" in name for name in learned)
        assert not any(f"motion_{unseen}_encoder" in name for name in learned)
        assert {"encoder.0.weight", "decoder.layer_f.4.weight", "attention_func.4.bias"} <= learned


def test_validation_scores_the_networks_own_masks(tmp_path: Path) -> None:
    source = MotionSource(dataset(tmp_path), SIDE, (2, 3), seed=0)

    class Copies(torch.nn.Module):
        uses_image = False

        def forward(self, past: torch.Tensor, features: None, target: None) -> torch.Tensor:
            return past[:, -1] - 0.5

    iou = motion_validation(source, torch.device("cpu"))(MotionTask(Copies()))["iou"]
    assert iou == pytest.approx(4 / 8), "blocks 6 wide that move by 2 overlap on 4 of 8 columns"


def test_validation_is_on_a_few_windows_of_the_longest_history_evenly_spaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validation, "SAMPLES", 2)
    seen: list[list[int]] = []

    class Watching(torch.nn.Module):
        uses_image = False

        def forward(self, past: torch.Tensor, features: None, target: None) -> torch.Tensor:
            seen.extend(map(left_edges, past))
            return past[:, -1] - 0.5

    source = MotionSource(dataset(tmp_path, frames=10), SIDE, (2, 3), seed=0)
    motion_validation(source, torch.device("cpu"))(MotionTask(Watching()))
    assert seen == [[0, 2, 4], [6, 8, 10]], "the first and the fourth of seven"
