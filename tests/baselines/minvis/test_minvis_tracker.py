"""Assignment to slots, the plug-in's part in it, and the rule from slots to results."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax

from baselines.interface import Instances
from baselines.minvis.host import tracker as host_tracker
from baselines.minvis.tracker import MinVisTracker
from instmove.masks import encode

CLASSES = 3


def frame(seed: int, queries: int = 4, size: int = 5) -> Instances:
    rng = np.random.default_rng(seed)
    masks = rng.random((queries, 6, 6)) < rng.choice([0, 0.5], (queries, 1, 1))
    return Instances(
        scores=rng.normal(size=(queries, CLASSES + 1)).astype(np.float32),
        boxes=np.zeros((queries, 4), np.float32),
        embeddings=rng.normal(size=(queries, size)).astype(np.float32),
        masks=masks,
        rles=tuple(encode(mask) for mask in masks),
    )


class Recorder:
    """A plug-in that adds given scores and writes down what it is told."""

    def __init__(self, scores: dict[int, np.ndarray]) -> None:
        self.scores = scores
        self.asked: list[tuple[int, list[int], np.ndarray]] = []
        self.told: list[tuple[int, np.ndarray, np.ndarray]] = []

    def score(self, frame: int, ids: list[int], instances: Instances, confidence: np.ndarray) -> np.ndarray:
        self.asked.append((frame, list(ids), confidence))
        return self.scores.get(frame, np.zeros((len(ids), len(instances))))

    def remember(self, frame: int, ids: np.ndarray, instances: Instances, accepted: np.ndarray) -> None:
        self.told.append((frame, ids, accepted))


def run(frames: list[Instances], plug_in: Recorder | None = None) -> list[np.ndarray]:
    tracker = MinVisTracker(plug_in)
    return [tracker.step(t, instances) for t, instances in enumerate(frames)]


def cosine(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(first, axis=1)[:, None] * np.linalg.norm(second, axis=1)
    return first.astype(float) @ second.T / lengths


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_is_the_best_of_all_permutations(seed: int, with_motion: bool) -> None:
    """Slots against queries, always from the frame before in slot order; the motion score is added."""
    frames = [frame(seed + k) for k in range(3)]
    rng = np.random.default_rng(seed)
    scores = {t: rng.random((4, 4)) for t in (1, 2)} if with_motion else {}
    ids = run(frames, Recorder(scores))
    slots = frames[0].embeddings
    for t in (1, 2):
        total = cosine(slots, frames[t].embeddings) + scores.get(t, 0)
        best = max(permutations(range(4)), key=lambda queries: sum(total[slot, q] for slot, q in enumerate(queries)))
        assert [int(ids[t][q]) for q in best] == [0, 1, 2, 3]
        slots = frames[t].embeddings[list(best)]


def test_first_frame_gives_the_slots() -> None:
    assert run([frame(0)])[0].tolist() == [0, 1, 2, 3]


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(8)))
def test_finds_a_shuffled_frame_again(order: list[int]) -> None:
    first = frame(3, queries=8)
    assert run([first, first.select(order)])[1].tolist() == order


def test_without_motion_nothing_changes() -> None:
    frames = [frame(k) for k in range(6)]
    silent = run(frames, Recorder({}))
    for ids, expected in zip(silent, run(frames), strict=True):
        np.testing.assert_array_equal(ids, expected)
    assert host_tracker({"tracker": {}}, None, None).plug_in is None  # type: ignore[arg-type]


def test_what_the_plug_in_hears() -> None:
    """Confidence is the best real class under the mean of the logits so far; matches that see nothing are refused."""
    frames = [frame(k) for k in range(4)]
    plug_in = Recorder({})
    ids = run(frames, plug_in)
    aligned = [instances.scores[np.argsort(slots)] for instances, slots in zip(frames, ids, strict=True)]
    assert [t for t, _, _ in plug_in.asked] == [1, 2, 3]
    for t, slots, confidence in plug_in.asked:
        assert slots == [0, 1, 2, 3]
        mean = np.mean(aligned[:t], axis=0, dtype=float)
        np.testing.assert_allclose(confidence, softmax(mean, axis=1)[:, :-1].max(axis=1))
    for (t, told, accepted), slots, instances in zip(plug_in.told, ids, frames, strict=True):
        assert instances is frames[t]
        np.testing.assert_array_equal(told, slots)
        for row, sees in enumerate(accepted):
            assert sees == (instances.scores[row].argmax() < CLASSES and instances.masks[row].any())


def test_results_of_the_method() -> None:
    """The ten best of all pairs of slot and class; a slot may come more than once; every frame has its mask."""
    frames = [frame(k) for k in range(5)]
    ids = run(frames)
    results = MinVisTracker().results(ids, frames)
    aligned = np.mean([f.scores[np.argsort(slots)] for f, slots in zip(frames, ids, strict=True)], axis=0, dtype=float)
    probability = softmax(aligned, axis=1)[:, :-1]
    assert [r.score for r in results] == pytest.approx(sorted(probability.flatten(), reverse=True)[:10])
    for result in results:
        slot = int(np.flatnonzero(np.isclose(probability[:, result.label], result.score))[0])
        for rle, slots, instances in zip(result.masks, ids, frames, strict=True):
            assert rle == instances.rles[int(np.flatnonzero(slots == slot)[0])]


def test_results_of_other_identities() -> None:
    """Ids may have gaps, frames without them, and rows that belong to nobody."""
    frames = [frame(k) for k in range(3)]
    ids = [np.array([7, -1, 2, -1]), np.array([-1, -1, -1, -1]), np.array([-1, 2, -1, -1])]
    results = MinVisTracker().results(ids, frames)
    assert len(results) == 2 * CLASSES
    seven = softmax(frames[0].scores[0].astype(float))[:-1]
    two = softmax((frames[0].scores[2].astype(float) + frames[2].scores[1]) / 2)[:-1]
    masks = {
        7: (frames[0].rles[0], None, None),
        2: (frames[0].rles[2], None, frames[2].rles[1]),
    }
    expected = [(p, c, masks[7]) for c, p in enumerate(seven)] + [(p, c, masks[2]) for c, p in enumerate(two)]
    for result, (score, category, rles) in zip(results, sorted(expected, key=lambda e: -e[0]), strict=True):
        assert (result.score, result.label, result.masks) == (pytest.approx(score), category, rles)


def test_nobody_named() -> None:
    assert MinVisTracker().results([np.full(4, -1)], [frame(0)]) == []
