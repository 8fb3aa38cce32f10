import math

import pytest
import torch

from baselines.layers.losses import dice_loss, sigmoid_focal_loss, squared_dice_loss


def test_focal_loss_of_single_elements() -> None:
    """-a (1 - p)^2 ln p where the target is one, -(1 - a) p^2 ln(1 - p) where it is zero."""
    p = 0.8
    logits = torch.full((2,), math.log(p / (1 - p)))
    found = sigmoid_focal_loss(logits, torch.tensor([1.0, 0.0]))
    expected = [-0.25 * (1 - p) ** 2 * math.log(p), -0.75 * p**2 * math.log(1 - p)]
    assert found.tolist() == pytest.approx(expected, rel=1e-5)


def test_dice_losses_of_a_half_covered_mask() -> None:
    """Two of four true pixels found for certain, nothing else: overlap 2, sizes 2 and 4."""
    logits = torch.tensor([[[60.0, 60.0], [-60.0, -60.0]]])
    truth = torch.ones(1, 2, 2)
    assert squared_dice_loss(logits, truth).tolist() == pytest.approx([1 - 4 / 6], abs=1e-5)
    assert dice_loss(logits, truth).tolist() == pytest.approx([1 - 5 / 7])


def test_dice_losses_weigh_uncertainty_differently() -> None:
    """p = 1/2 everywhere, all true: sums are n/2 and n, squares n/4 and n."""
    logits, truth = torch.zeros(1, 100), torch.ones(1, 100)
    assert squared_dice_loss(logits, truth).item() == pytest.approx(1 - 100 / 125, abs=1e-5)
    assert dice_loss(logits, truth).item() == pytest.approx(1 - 101 / 151)
