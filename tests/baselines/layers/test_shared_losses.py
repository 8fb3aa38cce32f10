import pytest
import torch

from baselines.layers.losses import squared_dice_loss
from instmove.training.losses import dice_loss


def test_squared_dice_of_a_half_covered_mask() -> None:
    """Two of four true pixels found for certain, nothing else: overlap 2, sizes 2 and 4."""
    logits = torch.tensor([[[60.0, 60.0], [-60.0, -60.0]]])
    assert squared_dice_loss(logits, torch.ones(1, 2, 2)).tolist() == pytest.approx([1 - 4 / 6], abs=1e-5)


def test_dice_losses_weigh_uncertainty_differently() -> None:
    """p = 1/2 everywhere, all true: sums are n/2 and n, squares n/4 and n."""
    logits, truth = torch.zeros(1, 100), torch.ones(1, 100)
    assert squared_dice_loss(logits, truth).item() == pytest.approx(1 - 100 / 125, abs=1e-5)
    assert dice_loss(logits, truth).item() == pytest.approx(1 - 101 / 151)
