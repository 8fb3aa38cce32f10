"""Parts of the losses against closed forms and plain loops."""

import math

import pytest
import torch
from torch.nn import functional as F

from baselines.layers.locations import locations_of
from baselines.unicorn.head import boxes_of
from baselines.unicorn.interaction import embeddings_at
from baselines.unicorn.losses import box_loss, identity_loss, offsets_of
from baselines.unicorn.upsampling import convex_upsampled


def test_offsets_and_boxes_are_inverse() -> None:
    torch.manual_seed(0)
    where = locations_of([torch.zeros(1, 1, 4, 6), torch.zeros(1, 1, 2, 3)], 8)
    offsets = torch.randn(len(where.points), 4)
    torch.testing.assert_close(offsets_of(boxes_of(offsets, where), where), offsets, atol=1e-5, rtol=1e-5)


def test_a_zero_offset_is_a_box_of_one_stride_around_the_corner_of_its_cell() -> None:
    where = locations_of([torch.zeros(1, 1, 2, 3)], 8)
    assert boxes_of(torch.zeros(6, 4), where)[5].tolist() == [12, 4, 20, 12]


def test_box_loss_is_one_minus_the_squared_overlap() -> None:
    found = torch.tensor([[0.0, 0, 4, 4], [0, 0, 4, 4], [0, 0, 4, 4]])
    wanted = torch.tensor([[0.0, 0, 4, 4], [0, 0, 4, 2], [8, 8, 9, 9]])
    torch.testing.assert_close(box_loss(found, wanted), torch.tensor([0, 0.75, 1]))


def test_identities_are_looked_for_among_what_is_there() -> None:
    """Object 0 is in both frames, 1 in the first, 2 in the second: a softmax over two candidates each way."""
    first, second = torch.tensor([[1.0, 0], [0, 2], [9, 9]]), torch.tensor([[3.0, 1], [9, 9], [0.5, 0]])
    visible = torch.tensor([[True, True, False], [True, False, True]])
    there = -math.log(math.exp(3) / (math.exp(3) + math.exp(0.5)))
    back = -math.log(math.exp(3) / (math.exp(3) + math.exp(2)))
    assert identity_loss(first, second, visible).item() == pytest.approx((there + back) / 2, rel=1e-6)


def test_no_common_object_is_no_loss() -> None:
    embeddings = torch.ones(2, 4, requires_grad=True)
    loss = identity_loss(embeddings, embeddings, torch.tensor([[True, False], [False, True]]))
    assert loss.item() == 0
    loss.backward()


def test_embeddings_of_boxes_at_known_places() -> None:
    """The first cell is the map's left side and the last one its right side: a ramp is stretched, and cut at both."""
    ramp = torch.arange(5.0).expand(2, 3, 5)
    centres = torch.tensor([4.0, 20, 36])  # of cells 0, 2 and 4 at stride 8
    boxes = torch.stack((centres - 3, torch.full((3,), 10.0), centres + 3, torch.full((3,), 14.0)), dim=1)
    torch.testing.assert_close(embeddings_at(boxes, ramp, 8), torch.tensor([[0.0, 0], [2, 2], [4, 4]]))
    quarter = torch.tensor([[11.0, 10, 13, 14]])  # cell 1, a quarter of the way: 5 / 4 - 1 / 2
    torch.testing.assert_close(embeddings_at(quarter, ramp, 8), torch.tensor([[0.75, 0.75]]))


def test_fine_masks_are_means_of_neighbours() -> None:
    torch.manual_seed(0)
    masks, weights = torch.randn(2, 3, 4), torch.randn(9 * 4, 3, 4)
    found = convex_upsampled(masks, weights)
    padded = F.pad(masks, (1, 1, 1, 1))
    shares = weights.view(9, 2, 2, 3, 4).softmax(dim=0)
    for y, x in ((0, 0), (3, 5), (4, 2), (5, 7)):
        near = padded[:, y // 2 : y // 2 + 3, x // 2 : x // 2 + 3].flatten(1)
        torch.testing.assert_close(found[:, y, x], near @ shares[:, y % 2, x % 2, y // 2, x // 2])
