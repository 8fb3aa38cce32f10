"""What PCAN's tracker adds to the quasi-dense one: which past a refinement sees, and which masks are remembered."""

import numpy as np
import pytest
import torch
from torch import Tensor

from baselines.interface import Instances, IntArray
from baselines.pcan.pasting import frame_masks, frame_rles
from baselines.pcan.refine import RefineHead
from baselines.pcan.tracker import PcanTracker
from baselines.quasi_dense import QuasiDenseSettings
from instmove.masks import BoolArray

SETTINGS = QuasiDenseSettings(init_score=0.7, object_score=0.3)
BOXES = np.array([[0, 0, 10, 10], [20, 0, 30, 10], [20, 0, 30, 11]], dtype=np.float32)
"""The third repeats the second."""


def frame(t: int, scores: list[float]) -> Instances:
    """Detections with unmistakable embeddings, whose features and logits tell frame and row."""
    count = len(scores)
    table = np.zeros((count, 2), dtype=np.float32)
    table[:, 0] = scores
    marks = np.array([100 * t + row for row in range(count)], dtype=np.float32)
    logits = np.ones((count, 28, 28), dtype=np.float32) * (marks + 1)[:, None, None]
    return Instances(
        table,
        BOXES[:count],
        20 * np.eye(4, dtype=np.float32)[:count],
        frame_masks(logits, BOXES[:count], 20, 40),
        frame_rles(logits, BOXES[:count], 20, 40),
        {"logits": logits, "features": np.ones((count, 3, 14, 14), dtype=np.float32) * marks[:, None, None, None]},
    )


class Recorder(RefineHead):
    """Notes whose past each detection was given, and answers with empty masks."""

    def __init__(self) -> None:
        super().__init__(channels=3, prototypes=2)
        self.seen: list[tuple[list[float], list[float]]] = []

    def forward(self, features: Tensor, logits: Tensor, past_features: Tensor, past_logits: Tensor) -> Tensor:
        assert torch.equal(past_logits[:, 0, 0], past_features[:, 0, 0, 0] + 1)
        self.seen.append((features[:, 0, 0, 0].tolist(), past_features[:, 0, 0, 0].tolist()))
        return torch.full_like(logits, -1)


class Memo:
    """A plug-in that has no opinion and notes the masks that it is told to remember."""

    def __init__(self) -> None:
        self.masks: list[BoolArray] = []

    def score(
        self, frame: int, ids: list[int], instances: Instances, confidence: np.ndarray | None = None
    ) -> np.ndarray:
        return np.zeros((len(ids), len(instances)))

    def remember(self, frame: int, ids: IntArray, instances: Instances, accepted: BoolArray) -> None:
        self.masks.append(instances.masks)


def test_a_past_is_that_of_the_last_match() -> None:
    """Detections without a track are their own past; a track that was away for a frame keeps what it had."""
    head = Recorder()
    tracker = PcanTracker(SETTINGS, None, head)
    ids = [tracker.track(t, frame(t, scores))[0].tolist() for t, scores in enumerate([[0.9, 0.6], [0.9], [0.9, 0.8]])]
    assert ids == [[0, -1], [0], [0, 1]]
    assert head.seen == [([0, 1], [0, 1]), ([100], [0]), ([200, 201], [100, 201])]


def test_repetitions_are_not_refined() -> None:
    instances = frame(0, [0.9, 0.8, 0.6])
    ids, final = PcanTracker(SETTINGS, None, Recorder()).track(0, instances)
    assert ids.tolist() == [0, 1, -1]
    assert final.masks.any(axis=(1, 2)).tolist() == [False, False, True]
    assert final.rles[2] == instances.rles[2] and final.rles[0] != instances.rles[0]
    np.testing.assert_array_equal(final.embeddings, instances.embeddings)


def test_motion_remembers_refined_masks() -> None:
    memo = Memo()
    PcanTracker(SETTINGS, memo, Recorder()).track(0, frame(0, [0.9, 0.8]))
    assert not memo.masks[0].any()


def test_given_identities_replace_the_matching() -> None:
    head = Recorder()
    tracker = PcanTracker(SETTINGS, None, head)
    given = [np.array([5, -1, 7]), np.array([7, 5])]
    found = [tracker.track(t, frame(t, [0.9, 0.2, 0.6][: len(ids)]), ids)[0] for t, ids in enumerate(given)]
    assert [ids.tolist() for ids in found] == [ids.tolist() for ids in given]
    assert head.seen[1] == ([100, 101], [2, 0])


def test_what_is_forgotten_has_no_past() -> None:
    tracker = PcanTracker(SETTINGS, None, Recorder())
    tracker.track(0, frame(0, [0.9, 0.8]))
    for t in range(1, 12):
        tracker.track(t, frame(t, [0.9]))
    assert set(tracker.pasts) == set(tracker.tracks) == {0}


def test_running_prototypes_outlive_a_video() -> None:
    """Two trackers on one head: the second's masks depend on the first's video."""
    torch.manual_seed(0)
    head = RefineHead(channels=3, prototypes=2)
    before = head.pos_mu.clone()
    instances = frame(0, [0.9, 0.8])
    PcanTracker(SETTINGS, None, head).track(0, instances)
    assert not torch.equal(head.pos_mu, before)
    moved = head.pos_mu.clone()
    PcanTracker(SETTINGS, None, head).track(0, instances)
    assert not torch.equal(head.pos_mu, moved)


@pytest.mark.parametrize("scores", [[], [0.4]])
def test_frames_with_nothing_or_nobody(scores: list[float]) -> None:
    ids, final = PcanTracker(SETTINGS, None, Recorder()).track(0, frame(0, scores))
    assert ids.tolist() == [-1] * len(scores) and len(final) == len(scores)
