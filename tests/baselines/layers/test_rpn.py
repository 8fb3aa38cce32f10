import pytest
import torch

from baselines.layers.boxes import pairwise_iou
from baselines.layers.rpn import Anchors, ProposalSettings, RpnHead, RpnOutputs, anchors_of, proposals

PYRAMID = [torch.zeros(2, 8, 4, 6), torch.zeros(2, 8, 2, 3)]


def test_anchors_are_centred_on_the_corners_of_cells() -> None:
    anchors = anchors_of(PYRAMID, finest=4, scale=8)
    assert anchors.boxes.shape == (3 * (4 * 6 + 2 * 3), 4)
    assert anchors.levels.tolist() == [0] * 72 + [1] * 18
    cells = anchors.boxes[:72].view(4, 6, 3, 4)
    torch.testing.assert_close((cells[..., :2] + cells[..., 2:])[2, 5] / 2, torch.tensor([[20.0, 8.0]] * 3))
    sides = cells[0, 0, :, 2:] - cells[0, 0, :, :2]
    torch.testing.assert_close(sides[:, 1] / sides[:, 0], torch.tensor([0.5, 1.0, 2.0]))
    torch.testing.assert_close(sides.prod(dim=1), torch.full((3,), 32.0**2))
    torch.testing.assert_close(anchors.boxes[-2], torch.tensor([-16.0, -24.0, 48.0, 40.0]))


@torch.no_grad()
def test_outputs_stand_in_the_order_of_the_anchors() -> None:
    """A map that is hot in one cell, and a head that passes it to one ratio: that anchor alone is hot."""
    pyramid = [level.clone() for level in PYRAMID]
    pyramid[1][1, 0, 1, 2] = 1
    head = RpnHead(8)
    for layer in (head.rpn_conv, head.rpn_cls, head.rpn_reg):
        torch.nn.init.zeros_(layer.weight)
    head.rpn_conv.weight[0, 0, 1, 1] = 1
    head.rpn_cls.weight[2, 0] = 5
    head.rpn_reg.weight[4 * 2 + 3, 0] = 7
    outputs = head(pyramid)
    hot = 72 + 3 * (1 * 3 + 2) + 2
    assert torch.nonzero(outputs.logits).tolist() == [[1, hot]]
    assert torch.nonzero(outputs.deltas).tolist() == [[1, hot, 3]]


def made_outputs() -> tuple[RpnOutputs, Anchors]:
    generator = torch.Generator().manual_seed(0)
    anchors = anchors_of(PYRAMID, finest=4, scale=3)
    count = len(anchors.boxes)
    logits = torch.randn(2, count, generator=generator)
    return RpnOutputs(logits, 0.2 * torch.randn(2, count, 4, generator=generator)), anchors


@pytest.mark.parametrize("most", [5, 1000])
def test_proposals_are_the_best_that_do_not_overlap(most: int) -> None:
    outputs, anchors = made_outputs()
    settings = ProposalSettings(candidates=10, most=most, least_side=2.0)
    boxes, scores = proposals(outputs, anchors, 1, (15, 22), settings)
    assert 0 < len(boxes) <= min(most, 20)
    assert scores.tolist() == sorted(scores.tolist(), reverse=True)
    assert boxes.min() >= 0 and boxes[:, 2].max() <= 22 and boxes[:, 3].max() <= 15
    assert (boxes[:, 2:] - boxes[:, :2]).min() >= 2
    allowed = torch.cat([outputs.logits[1, anchors.levels == level].sigmoid().topk(10).values for level in (0, 1)])
    assert set(scores.tolist()) <= set(allowed.tolist())


def test_levels_do_not_suppress_each_other() -> None:
    """The same box from two levels stays twice, from one level once."""
    box = torch.tensor([[0.0, 0.0, 10.0, 10.0]] * 2)
    outputs = RpnOutputs(torch.tensor([[1.0, 2.0]]), torch.zeros(1, 2, 4))
    settings = ProposalSettings(candidates=9, most=9)
    apart, _ = proposals(outputs, Anchors(box, torch.tensor([0, 1])), 0, (20, 20), settings)
    together, _ = proposals(outputs, Anchors(box, torch.tensor([0, 0])), 0, (20, 20), settings)
    assert (len(apart), len(together)) == (2, 1)
    assert pairwise_iou(apart, together).tolist() == [[1.0], [1.0]]
