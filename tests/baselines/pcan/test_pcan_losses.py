"""PCAN's losses against the official code's own numbers, and by hand."""

import math

import numpy as np
import pytest
import torch
from parity import load_fixture
from torch import Generator

from baselines.layers.deltas import encode_boxes
from baselines.layers.rpn import Anchors, RpnOutputs
from baselines.pcan.losses import (
    TRACK_WEIGHT,
    box_losses,
    contrast,
    cosine_loss,
    embedding_losses,
    mask_loss,
    mask_targets,
    proposal_losses,
)
from baselines.pcan.sampling import Drawn, Truth

NPZ, _ = load_fixture("pcan_losses", "pcan")


def stored(name: str) -> torch.Tensor:
    return torch.from_numpy(NPZ[name])


def same_objects(image: int) -> torch.Tensor:
    """Which of the key's and the reference's embeddings are of one object, as the official targets say."""
    partners = NPZ[f"im{image}_gt_match_indices"][NPZ[f"im{image}_key_pos_assigned_gt"]]
    theirs = NPZ[f"im{image}_ref_pos_assigned_gt"]
    same = np.zeros((len(partners), len(NPZ[f"im{image}_ref_embeds"])), dtype=bool)
    same[:, : len(theirs)] = partners[:, None] == theirs
    np.testing.assert_array_equal(same, NPZ[f"im{image}_targets"])
    return torch.from_numpy(same)


def test_embedding_losses() -> None:
    both = [embedding_losses(stored(f"im{n}_key_embeds"), stored(f"im{n}_ref_embeds"), same_objects(n)) for n in (0, 1)]
    track, cosine = (sum(value.item() for value in values) / 2 for values in zip(*both, strict=True))
    assert track == pytest.approx(float(NPZ["loss_track_f64"]), rel=1e-5)
    assert cosine == pytest.approx(float(NPZ["loss_track_aux_f64"]), rel=1e-5)


def test_contrast_row_by_row() -> None:
    rows = contrast(stored("mp_pred"), stored("mp_label") == 1, stored("mp_label") == 0)
    np.testing.assert_allclose(TRACK_WEIGHT * rows, NPZ["mp_loss_per_row"], rtol=1e-5)
    assert (TRACK_WEIGHT * rows.mean()).item() == pytest.approx(float(NPZ["mp_loss_none_avg_f64"]), rel=1e-5)


def test_cosine_loss() -> None:
    assert cosine_loss(stored("l2_pred"), stored("l2_target") == 1).item() == pytest.approx(
        float(NPZ["l2_loss_config_f64"]), rel=1e-5
    )


def test_refined_masks_have_the_loss_of_masks() -> None:
    found = mask_loss(stored("refine_pred"), stored("refine_target"))
    assert found.item() == pytest.approx(float(NPZ["loss_refine_f64"]), rel=1e-5)


def test_nothing_to_tell_apart_costs_nothing_and_can_be_differentiated() -> None:
    """Objects without a partner, a reference without objects, no objects at all."""
    for count, others, same in [(3, 4, False), (3, 0, False), (0, 4, False), (2, 2, True)]:
        key, reference = torch.randn(count, 5, requires_grad=True), torch.randn(others, 5)
        losses = embedding_losses(key, reference, torch.full((count, others), same))
        torch.stack(losses).sum().backward()
        assert key.grad is not None and key.grad.isfinite().all()
        assert losses[0].item() == 0


def square_truth() -> Truth:
    masks = torch.zeros(2, 64, 64, dtype=torch.bool)
    masks[0, 8:24, 8:24] = masks[1, 32:64, 32:40] = True
    boxes = torch.tensor([[8.0, 8, 24, 24], [32, 32, 40, 64]])
    return Truth(boxes, torch.tensor([2, 0]), masks, torch.arange(2))


def test_box_losses_by_hand() -> None:
    """Two regions on objects and two on nothing: the mean cross entropy, and deltas of the right class alone."""
    truth = square_truth()
    regions = torch.cat((truth.boxes + 2.0, torch.tensor([[0.0, 0, 9, 9], [50, 0, 60, 9]])))
    drawn = Drawn(regions, torch.tensor([0, 1]))
    logits, deltas = torch.zeros(4, 4), torch.full((4, 3, 4), 100.0)
    wanted = encode_boxes(drawn.positives, truth.boxes, (0.1, 0.1, 0.2, 0.2))
    deltas[[0, 1], [2, 0]] = wanted + 0.5
    losses = box_losses(logits, deltas, [drawn], [truth])
    assert losses["class"].item() == pytest.approx(math.log(4))
    assert losses["box"].item() == pytest.approx(8 * 0.5 * 0.5**2 / 4)


def test_proposal_losses_by_hand() -> None:
    """Anchors on an object, near it, and on nothing: the one between is not looked at."""
    truth = square_truth()
    boxes = torch.tensor([[8.0, 8, 24, 24], [8, 8, 24, 16], [0, 40, 16, 56], [32, 32, 40, 64]])
    outputs = RpnOutputs(torch.zeros(1, 4), torch.full((1, 4, 4), 1.0))
    losses = proposal_losses(outputs, Anchors(boxes, torch.zeros(4)), [truth], 256, Generator())
    assert losses["objectness"].item() == pytest.approx(math.log(2))
    assert losses["proposal"].item() == pytest.approx(8 * (1 - 1 / 18) / 3)


def test_mask_targets_are_the_mask_inside_of_the_region() -> None:
    """A region twice as wide as the square, and one half of which lies above the other object."""
    truth = square_truth()
    regions = torch.tensor([[8.0, 8, 40, 24], [32, 0, 40, 64], [0, 0, 9, 9]])
    targets = mask_targets([Drawn(regions, torch.tensor([0, 1]))], [truth], 28)
    expected = torch.zeros(2, 28, 28)
    expected[0, :, :14] = expected[1, 14:] = 1
    assert torch.equal(targets, expected)


def test_no_masks_have_no_loss() -> None:
    logits = torch.zeros(0, 28, 28, requires_grad=True)
    assert mask_loss(logits, torch.zeros(0, 28, 28)).item() == 0
