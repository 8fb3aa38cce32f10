import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from instmove.training.losses import dice_loss, mask_loss, sigmoid_focal_loss


def test_dice_of_constant_probability() -> None:
    """p = 1/2 everywhere, 3 of 8 pixels set: 1 - (2 * 1.5 + 1) / (4 + 3 + 1)."""
    target = torch.tensor([[[1.0, 1, 1, 0], [0, 0, 0, 0]]])
    assert dice_loss(torch.zeros(1, 2, 4), target).item() == pytest.approx(0.5)


def test_dice_of_empty_mask_found_empty_is_zero() -> None:
    assert dice_loss(torch.full((2, 4, 4), -200.0), torch.zeros(2, 4, 4)).tolist() == pytest.approx([0, 0], abs=1e-6)


def test_dice_of_a_half_covered_mask() -> None:
    """Two of four true pixels found for certain, nothing else: overlap 2, sizes 2 and 4."""
    logits = torch.tensor([[[60.0, 60.0], [-60.0, -60.0]]])
    assert dice_loss(logits, torch.ones(1, 2, 2)).tolist() == pytest.approx([1 - 5 / 7])


def test_instances_weigh_the_same() -> None:
    target = torch.stack((torch.ones(4, 4), torch.zeros(4, 4)))
    logits = torch.randn(2, 4, 4, generator=torch.Generator().manual_seed(0))
    _, whole = mask_loss(logits, target)
    _, first = mask_loss(logits[:1], target[:1])
    _, second = mask_loss(logits[1:], target[1:])
    for name in ("dice", "focal"):
        assert whole[name].item() == pytest.approx((first[name] + second[name]).item() / 2)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(-8, 8), st.booleans()), min_size=1, max_size=12))
def test_focal_is_lin_et_al_equation_5(pixels: list[tuple[float, bool]]) -> None:
    """FL = -alpha_t (1 - p_t)^gamma log p_t (arXiv:1708.02002), alpha 0.25, gamma 2, of every pixel."""
    logits = torch.tensor([[[z for z, _ in pixels]]], dtype=torch.float64)
    target = torch.tensor([[[float(y) for _, y in pixels]]], dtype=torch.float64)
    p = 1 / (1 + (-logits).exp())
    expected = torch.where(target > 0, -0.25 * (1 - p) ** 2 * p.log(), -0.75 * p**2 * (1 - p).log())
    torch.testing.assert_close(sigmoid_focal_loss(logits, target), expected, rtol=1e-6, atol=1e-12)


def test_total_is_five_to_one_and_differentiable() -> None:
    logits = torch.zeros(2, 4, 4, requires_grad=True)
    total, parts = mask_loss(logits, torch.ones(2, 4, 4))
    assert total.item() == pytest.approx(5 * parts["dice"].item() + parts["focal"].item())
    total.backward()
    assert logits.grad is not None and (logits.grad < 0).all()


def test_extreme_logits_stay_finite() -> None:
    total, _ = mask_loss(torch.tensor([[[1e4, -1e4]]]), torch.tensor([[[0.0, 1.0]]]))
    assert torch.isfinite(total)
