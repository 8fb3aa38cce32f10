"""The tracker and the video results against the official code's own, and what motion changes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from parity import REFERENCE

from baselines.idol.predictor import candidates, instances_of
from baselines.idol.tracker import IdolTracker, TrackerSettings
from baselines.interface import Instances, IntArray, Matrix
from instmove.masks import BoolArray, decode, encode

SETTINGS = {
    "full": TrackerSettings(),
    "frameonly": TrackerSettings(temporal_weight=False),
    "plain": TrackerSettings(temporal_weight=False, frame_weight=False),
}
RESULTS = {
    "default": TrackerSettings(),
    "single_max": TrackerSettings(temporal_weight=False, frame_weight=False, multi_class=False, temporal_score="max"),
}


def reference(name: str) -> dict[str, NDArray[Any]]:
    with np.load(REFERENCE / "idol" / f"{name}.npz") as arrays:
        return dict(arrays)


def seen(scores: Sequence[float], embeddings: Sequence[Sequence[float]], masks: BoolArray | None = None) -> Instances:
    """Instances of two classes, each with a mask of its own unless given."""
    count = len(scores)
    own = np.eye(max(count, 1), 8, dtype=bool)[:count, None] if masks is None else masks
    both = np.array([(score, 0) for score in scores], dtype=np.float32).reshape(count, 2)
    return Instances(
        scores=both,
        boxes=np.zeros((count, 4), dtype=np.float32),
        embeddings=np.array(embeddings, dtype=np.float32).reshape(count, -1 if count else 2),
        masks=own,
        rles=tuple(encode(mask) for mask in own),
    )


@pytest.mark.parametrize("name", SETTINGS)
def test_ids_equal_the_official_ones(name: str) -> None:
    npz = reference("idol_tracker")
    tracker = IdolTracker(SETTINGS[name])
    for t in range(14):
        found = {key: npz[f"t{t:02}_{key}"] for key in ("boxes", "masks", "embeds")}
        masks = found["masks"].astype(bool)
        ids = tracker.step(t, seen(found["boxes"][:, 4], found["embeds"], masks))
        kept, official = npz[f"t{t:02}_{name}_kept"], npz[f"t{t:02}_{name}_ids"]
        np.testing.assert_array_equal(ids[kept], np.maximum(official, -1))
        assert (np.delete(ids, kept) == -1).all()


def official_frames(npz: dict[str, NDArray[Any]]) -> list[Instances]:
    """What the predictor makes of the given outputs of the network, for a frame of 92x116 and results of 50x64."""
    frames = []
    names = ("logits", "boxes", "inst_embed", "masks")
    for logits, boxes, embeddings, masks in zip(*(torch.from_numpy(npz[f"pred_{n}"]) for n in names), strict=True):
        scores = logits.sigmoid()
        rows = candidates(scores, boxes)
        picked = (scores[rows], boxes[rows], embeddings[rows], masks[rows, 0])
        frames.append(instances_of(*picked, size=(92, 116), output=(50, 64), stride=4))
    return frames


@pytest.mark.parametrize("name", RESULTS)
def test_whole_inference(name: str) -> None:
    npz = reference("idol_inference")
    frames = official_frames(npz)
    tracker = IdolTracker(RESULTS[name])
    results = tracker.results([tracker.step(t, found) for t, found in enumerate(frames)], frames)
    np.testing.assert_allclose([result.score for result in results], npz[f"{name}_scores"], rtol=1e-6)
    assert [result.label for result in results] == npz[f"{name}_labels"].tolist()
    valid = [[mask is not None for mask in result.masks] for result in results]
    np.testing.assert_array_equal(valid, npz[f"{name}_valid"])
    full = [[np.zeros((50, 64), bool) if mask is None else decode(mask) for mask in result.masks] for result in results]
    expected = np.unpackbits(npz[f"{name}_masks_packed"], axis=1, count=13 * 50 * 64)
    assert (np.array(full).reshape(len(full), -1) != expected.astype(bool)).sum() <= 2


class Recorder:
    """A plug-in that scores as it is told."""

    def __init__(self, scores: dict[int, Matrix]) -> None:
        self.scores = scores
        self.asked: list[tuple[int, list[int], int]] = []
        self.told: list[tuple[int, list[int], list[bool]]] = []

    def score(self, frame: int, ids: Sequence[int], instances: Instances, confidence: Any = None) -> Matrix:
        self.asked.append((frame, list(ids), len(instances)))
        return self.scores.get(frame, np.zeros((len(ids), len(instances))))

    def remember(self, frame: int, ids: IntArray, instances: Instances, accepted: BoolArray) -> None:
        self.told.append((frame, ids.tolist(), accepted.tolist()))


ONE, OTHER = (8.0, 0.0), (0.0, 8.0)


def test_motion_decides_between_alike() -> None:
    """Two tracks with one embedding: each instance is as like one as the other, and motion says which is which."""
    alike = seen([0.9, 0.8], [ONE, ONE])
    without, plug_in = IdolTracker(TrackerSettings()), Recorder({1: np.array([[0.0, 0.6], [0.6, 0.0]])})
    with_motion = IdolTracker(TrackerSettings(), plug_in)
    for tracker in (without, with_motion):
        assert tracker.step(0, alike).tolist() == [0, 1]
    assert without.step(1, alike).tolist() == [2, 3]  # neither passes the threshold of 0.5
    assert with_motion.step(1, alike).tolist() == [1, 0]
    assert plug_in.asked == [(1, [0, 1], 2)]
    assert plug_in.told == [(0, [0, 1], [True, True]), (1, [1, 0], [True, True])]


def test_no_motion_and_a_plug_in_of_zeros_agree() -> None:
    npz = reference("idol_inference")
    frames = official_frames(npz)
    runs = []
    for plug_in in (None, Recorder({})):
        tracker = IdolTracker(TrackerSettings(), plug_in)
        runs.append([tracker.step(t, found).tolist() for t, found in enumerate(frames)])
    assert runs[0] == runs[1]


def test_motion_knows_the_distinct_instances_alone() -> None:
    """A duplicate is dropped before motion is asked, and remembered as nobody's."""
    masks = np.zeros((3, 1, 8), dtype=bool)
    masks[:2, 0, :4] = masks[2, 0, 4:] = True
    twice = seen([0.9, 0.8, 0.7], [ONE, ONE, OTHER], masks)
    plug_in = Recorder({})
    tracker = IdolTracker(TrackerSettings(), plug_in)
    for t in range(2):
        assert tracker.step(t, twice).tolist() == [0, -1, 1]
    assert plug_in.asked == [(1, [0, 1], 2)]
    assert plug_in.told[1] == (1, [0, -1, 1], [True, False, True])


@pytest.mark.parametrize(("frame_weight", "chosen"), [(True, 0), (False, 1)])
def test_of_several_tracks_that_match_the_longer_one_is_preferred(frame_weight: bool, chosen: int) -> None:
    """Alone in its frame, an instance scores (1 + softmax over the tracks) / 2: 0.66 and 0.84 here."""
    tracker = IdolTracker(TrackerSettings(frame_weight=frame_weight))
    tracker.step(0, seen([0.9, 0.8], [ONE, OTHER]))
    for t in (1, 2):
        assert tracker.step(t, seen([0.9], [ONE])).tolist() == [0]
    assert tracker.step(3, seen([0.9], [(0.4, 0.5)])).tolist() == [chosen], "three frames against one"


def test_two_empty_masks_are_duplicates() -> None:
    masks = np.zeros((3, 1, 8), dtype=bool)
    masks[2, 0, 4:] = True
    instances = seen([0.9, 0.8, 0.7], [ONE, OTHER, OTHER], masks)
    assert IdolTracker(TrackerSettings()).step(0, instances).tolist() == [0, -1, 1]


def test_weak_instances_start_the_first_track_only() -> None:
    tracker = IdolTracker(TrackerSettings(new_score=0.3))
    assert tracker.step(0, seen([0.25, 0.15], [ONE, OTHER])).tolist() == [0, -1]
    assert tracker.step(1, seen([0.9, 0.25], [ONE, OTHER])).tolist() == [0, -1]
    assert tracker.step(2, seen([0.9, 0.35], [ONE, OTHER])).tolist() == [0, 1]


def test_a_track_is_forgotten_after_ten_frames() -> None:
    """It is still matched in the tenth; its number is not given again."""
    for gap, expected in ((10, 0), (11, 2)):
        tracker = IdolTracker(TrackerSettings())
        tracker.step(0, seen([0.9, 0.8], [ONE, OTHER]))
        for t in range(1, gap):
            assert tracker.step(t, seen([0.9], [ONE])).tolist() == [0]
        assert tracker.step(gap, seen([0.9, 0.8], [ONE, OTHER])).tolist() == [0, 1 if expected == 0 else 2]


def test_frames_without_instances() -> None:
    plug_in = Recorder({})
    tracker = IdolTracker(TrackerSettings(), plug_in)
    for t in range(2):
        assert tracker.step(t, seen([], [])).tolist() == []
    assert plug_in.told == [(0, [], []), (1, [], [])]
    assert tracker.results([], []) == []


def test_ids_of_another_give_tracks_too() -> None:
    """Oracle identities, on frames that are read once."""
    frames = [seen([0.9, 0.6], [ONE, OTHER]), seen([0.7, 0.4], [OTHER, ONE])]
    results = IdolTracker(TrackerSettings()).results([np.array([7, -1]), np.array([-1, 7])], frames)
    assert [(result.label, len(result.masks)) for result in results] == [(0, 2)]
    assert results[0].score == pytest.approx(0.65)
    assert results[0].masks == (frames[0].rles[0], frames[1].rles[1])


def test_short_tracks_leave_the_result() -> None:
    """Missed twice with fewer than three matches from the tenth frame on, unless seen again; then it starts anew."""
    frames = [seen([0.9, 0.8], [ONE, OTHER]) for _ in range(12)]

    def ids(*times: int) -> list[IntArray]:
        return [np.array([0, 1 if t in times else -1]) for t in range(12)]

    def frames_of_second(*times: int) -> list[int]:
        results = IdolTracker(TrackerSettings()).results(ids(*times), frames)
        return [t for result in results[1:] for t, mask in enumerate(result.masks) if mask is not None]

    assert frames_of_second(2, 3) == []
    assert frames_of_second(2, 3, 4) == [2, 3, 4]
    assert frames_of_second(2, 8) == []
    assert frames_of_second(2, 10) == [10]
    assert frames_of_second(9, 11) == [9, 11]
