import pytest
import torch

from baselines.layers.boxes import giou, overlap, pairwise_iou

UNIT = torch.tensor([[0.0, 0.0, 2.0, 2.0]])


def test_overlap_broadcasts_to_pairs() -> None:
    others = torch.tensor([[1.0, 1.0, 3.0, 3.0], [2.0, 0.0, 4.0, 2.0], [0.0, 0.0, 1.0, 2.0]])
    intersection, union = overlap(UNIT[:, None], others)
    assert intersection.tolist() == [[1, 0, 2]]
    assert union.tolist() == [[7, 8, 4]]


def test_boxes_without_area_do_not_overlap() -> None:
    point = torch.tensor([[1.0, 1.0, 1.0, 1.0]])
    assert pairwise_iou(torch.cat((UNIT, point)), torch.cat((UNIT, point))).tolist() == [[1, 0], [0, 0]]


def test_giou_in_closed_form() -> None:
    """Diagonal neighbours: no intersection, hull 4 x 4, union 8; nested: hull is the larger."""
    others = torch.tensor([[2.0, 2.0, 4.0, 4.0], [0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 2.0, 2.0]])
    assert giou(UNIT, others).tolist() == pytest.approx([-0.5, 0.25, 1])
