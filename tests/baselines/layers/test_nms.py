import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from baselines.layers.nms import batched_nms


def made_boxes(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Boxes on a small integer grid, so that touching, equal and empty ones occur, and scores with ties."""
    rng = np.random.default_rng(seed)
    corners = rng.integers(0, 12, (count, 2))
    boxes = np.concatenate((corners, corners + rng.integers(0, 9, (count, 2))), axis=1)
    scores, labels = rng.integers(0, 8, count) / 8, rng.integers(0, 3, count)
    return torch.tensor(boxes, dtype=torch.float32), torch.tensor(scores), torch.tensor(labels)


def overlap(a: list[float], b: list[float]) -> float:
    """IoU by counting unit squares; 1 for two boxes without area."""
    squares = [{(x, y) for x in range(int(c[0]), int(c[2])) for y in range(int(c[1]), int(c[3]))} for c in (a, b)]
    both, either = len(squares[0] & squares[1]), len(squares[0] | squares[1])
    return both / either if either else 1.0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 25), st.integers(0, 10**6), st.sampled_from([0.0, 0.3, 0.5, 0.9]))
def test_equals_the_definition(count: int, seed: int, threshold: float) -> None:
    boxes, scores, labels = made_boxes(count, seed)
    kept: list[int] = []
    for row in sorted(range(count), key=lambda n: (-scores[n].item(), n)):
        rivals = [k for k in kept if labels[k] == labels[row]]
        if all(overlap(boxes[k].tolist(), boxes[row].tolist()) <= threshold for k in rivals):
            kept.append(row)
    assert batched_nms(boxes, scores, labels, threshold).tolist() == kept
    assert batched_nms(boxes, scores, labels, threshold, limit=3).tolist() == kept[:3]


@pytest.mark.parametrize("second", [[5.0, 0.0, 15.0, 10.0], [5.0, 0.0, 14.9, 10.0]])
def test_iou_at_the_threshold_survives(second: list[float]) -> None:
    """IoU of the first pair is exactly 1/3; the second is a little more."""
    boxes = torch.tensor([[0.0, 0.0, 10.0, 10.0], second])
    assert len(batched_nms(boxes, torch.tensor([0.9, 0.8]), torch.zeros(2), 1 / 3)) == (2 if second[2] == 15 else 1)
