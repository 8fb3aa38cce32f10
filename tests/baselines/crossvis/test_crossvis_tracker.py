"""The tracker against the official code's own identities and tracks, and what the plug-in may change."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from parity import load_fixture

from baselines.crossvis.tracker import CrossVisTracker, TrackerSettings
from baselines.interface import Instances, IntArray, Matrix
from instmove.masks import BoolArray, decode, encode

FRAMES = 8


def made(boxes: NDArray, scores: NDArray, classes: NDArray, embeddings: NDArray, masks: NDArray) -> Instances:
    table = np.zeros((len(scores), 41), dtype=np.float32)
    table[np.arange(len(scores)), classes] = scores
    found = masks.astype(bool)
    return Instances(table, boxes, embeddings, found, tuple(encode(mask) for mask in found))


@pytest.fixture(scope="module")
def official() -> dict[str, NDArray]:
    return load_fixture("crossvis_tracker", "crossvis")[0]


@pytest.fixture(scope="module")
def video(official: dict[str, NDArray]) -> list[Instances]:
    names = ("boxes", "scores", "classes", "reid", "masks")
    return [made(*(official[f"t{t:02d}_{name}"] for name in names)) for t in range(FRAMES)]


def test_ids_and_scores(official: dict[str, NDArray], video: list[Instances]) -> None:
    tracker = CrossVisTracker(TrackerSettings())
    for t, instances in enumerate(video):
        if len(instances):
            np.testing.assert_allclose(tracker.scores(instances), official[f"t{t:02d}_score_matrix"], atol=2e-6)
        assert tracker.step(t, instances).tolist() == official[f"t{t:02d}_ids"].tolist()


def test_tracks(official: dict[str, NDArray], video: list[Instances]) -> None:
    ids = [official[f"t{t:02d}_ids"] for t in range(FRAMES)]
    tracks = CrossVisTracker(TrackerSettings()).results(ids, video)
    np.testing.assert_allclose([track.score for track in tracks], official["track_score"], rtol=1e-6)
    assert [track.label + 1 for track in tracks] == official["track_category_id"].tolist()
    found = [[mask is not None for mask in track.masks] for track in tracks]
    np.testing.assert_array_equal(found, official["track_valid"])
    full = np.array([[np.zeros((24, 32), bool) if rle is None else decode(rle) for rle in t.masks] for t in tracks])
    np.testing.assert_array_equal(np.packbits(full.reshape(len(tracks), -1), axis=1), official["track_masks_packed"])


class Nudge:
    """A plug-in that gives every pair the same score and notes what it was asked and told."""

    def __init__(self, value: float) -> None:
        self.value = value
        self.asked: list[list[int]] = []
        self.accepted: list[list[bool]] = []

    def score(self, frame: int, ids: Sequence[int], instances: Instances, confidence: object = None) -> Matrix:
        self.asked.append(list(ids))
        return np.full((len(ids), len(instances)), self.value)

    def remember(self, frame: int, ids: IntArray, instances: Instances, accepted: BoolArray) -> None:
        self.accepted.append(accepted.tolist())


def run(video: list[Instances], plug_in: Nudge | None, chosen: TrackerSettings | None = None) -> list[list[int]]:
    tracker = CrossVisTracker(chosen or TrackerSettings(), plug_in)
    return [tracker.step(t, instances).tolist() for t, instances in enumerate(video)]


def test_motion_without_a_score_changes_nothing(video: list[Instances]) -> None:
    plug_in = Nudge(0.0)
    assert run(video, plug_in) == run(video, None)
    assert plug_in.asked[0] == []
    assert plug_in.asked[-1] == list(range(7))


def test_only_tracks_seen_lately_get_motion(video: list[Instances]) -> None:
    plug_in = Nudge(0.0)
    ids = run(video, plug_in, TrackerSettings(motion_recency=2))
    for t, asked in enumerate(plug_in.asked):
        recent = {i for row in ids[max(0, t - 2) : t] for i in row if i >= 0}
        assert set(asked) == recent
    assert len(plug_in.asked[-1]) < 7


def test_instances_that_score_too_little_are_as_if_absent(video: list[Instances]) -> None:
    least = 0.5
    kept = [np.flatnonzero(instances.scores.max(axis=1) >= least) for instances in video]
    assert 0 < sum(map(len, kept)) < sum(map(len, video))
    absent = run([instances.select(rows) for instances, rows in zip(video, kept, strict=True)], None)
    dropped = run(video, None, TrackerSettings(least=least))
    assert [np.array(ids)[rows].tolist() for ids, rows in zip(dropped, kept, strict=True)] == absent
    assert all(set(np.delete(ids, rows)) <= {-1} for ids, rows in zip(dropped, kept, strict=True))


def test_dropped_instances_are_not_accepted(video: list[Instances]) -> None:
    plug_in = Nudge(0.0)
    ids = run(video, plug_in)
    assert plug_in.accepted == [[i >= 0 for i in row] for row in ids]
    assert not all(all(row) for row in plug_in.accepted)


def test_motion_does_not_pass_the_gate_of_the_class() -> None:
    """However high, it joins two of one class that have nothing else in common, and never two of different classes."""
    boxes = np.array([[0, 0, 9, 9], [50, 50, 59, 59]], dtype=np.float32)
    masks = np.zeros((2, 4, 4))
    before = made(boxes, np.ones(2), np.array([3, 4]), np.eye(4, dtype=np.float32)[:2], masks)
    after = made(boxes + 200, np.ones(2), np.array([5, 3]), np.eye(4, dtype=np.float32)[2:], masks)
    assert run([before, after], None)[1] == [2, 3]
    assert run([before, after], Nudge(5.0))[1] == [2, 0]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.floats(-1, 1))
def test_choice_equals_the_loop_over_instances(seed: int, least: float) -> None:
    """Scores on a coarse grid, so that ties occur."""
    rng = np.random.default_rng(seed)
    scores = rng.integers(-4, 8, (rng.integers(0, 7), rng.integers(0, 5))) / 4
    ids: list[int] = []
    holders: dict[int, int] = {}
    born = scores.shape[1]
    for row, values in enumerate(scores.tolist()):
        if not values or max(values) < least:
            ids.append(born)
            born += 1
            continue
        track = values.index(max(values))
        holder = holders.get(track)
        if holder is None or max(values) > max(scores[holder]):
            if holder is not None:
                ids[holder] = -1
            holders[track] = row
            ids.append(track)
        else:
            ids.append(-1)
    assert CrossVisTracker(TrackerSettings(match=least))._choose(scores).tolist() == ids
