"""Sampling at points, and the losses there, against closed forms."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from baselines.layers.point_losses import (
    bce,
    pairwise_bce,
    pairwise_dice,
    random_points,
    sample,
    uncertain_points,
)
from instmove.training.losses import dice_loss


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_sample_at_pixel_centres() -> None:
    maps = torch.rand(2, 3, 4, 6)
    y, x = torch.meshgrid((torch.arange(4) + 0.5) / 4, (torch.arange(6) + 0.5) / 6, indexing="ij")
    points = torch.stack((x, y), dim=-1).flatten(0, 1).expand(2, -1, 2)
    torch.testing.assert_close(sample(maps, points), maps.flatten(2))


def test_sample_between_pixels_is_linear() -> None:
    ramp = (torch.arange(8.0) + 0.5).expand(1, 1, 5, 8) / 8
    points = torch.tensor([[[0.31, 0.5], [0.77, 0.4]]])
    torch.testing.assert_close(sample(ramp, points)[0, 0], torch.tensor([0.31, 0.77]))


def test_losses_of_a_few_points() -> None:
    logits, targets = torch.tensor([[0.0, math.log(3)]]), torch.tensor([[1.0, 0.0]])  # probabilities 1/2 and 3/4
    assert bce(logits, targets).item() == pytest.approx((math.log(2) + math.log(4)) / 2)
    assert dice_loss(logits, targets).item() == pytest.approx(1 - (2 * 0.5 + 1) / (1.25 + 1 + 1))


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 4), st.integers(0, 3), st.integers(1, 9), st.integers(0, 99))
def test_pairwise_is_every_pair(queries: int, objects: int, points: int, seed: int) -> None:
    logits = 4 * torch.randn(2, queries, points, generator=seeded(seed))
    targets = torch.rand(2, objects, points, generator=seeded(seed + 1))
    for pairwise, single in ((pairwise_bce, bce), (pairwise_dice, dice_loss)):
        found = pairwise(logits, targets)
        assert found.shape == (2, queries, objects)
        for b, q, n in np.ndindex(*found.shape):
            torch.testing.assert_close(found[b, q, n], single(logits[b, [q]], targets[b, [n]])[0])


def test_most_points_lie_where_the_mask_is_unsure() -> None:
    """Logits grow from the left edge on: three quarters of the points come from its side, but for some on the border,
    where zeros outside of the map make every logit small.
    """
    masks = torch.linspace(0.1, 10, 64).expand(5, 48, 64)
    points = uncertain_points(masks, 400, seeded())
    assert points.shape == (5, 400, 2)
    assert points.min() >= 0
    assert points.max() < 1
    assert (points[:, :300, 0] < 0.34).float().mean() > 0.97
    assert points[:, 300:, 0].mean().item() == pytest.approx(0.5, abs=0.05)


def test_no_masks_no_points() -> None:
    assert uncertain_points(torch.zeros(0, 8, 8), 16, seeded()).shape == (0, 16, 2)


def test_the_generator_decides() -> None:
    assert torch.equal(random_points(2, 9, seeded(3)), random_points(2, 9, seeded(3)))
    assert not torch.equal(random_points(2, 9, seeded(3)), random_points(2, 9, seeded(4)))
