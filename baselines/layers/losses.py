"""Losses of dense prediction that several networks share."""

import torch
from torch import Tensor
from torch.nn import functional as F


def sigmoid_focal_loss(logits: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """Focal loss of every element, not reduced; ``targets`` are 0 or 1 in the shape of ``logits`` (Lin et al. 2017).

    CrossVIS@378f4f3 adet/modeling/fcos/fcos_outputs.py:399-423.
    """
    errors = F.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    probabilities = logits.sigmoid()
    missed = probabilities + targets - 2 * probabilities * targets
    return (alpha * targets + (1 - alpha) * (1 - targets)) * missed**gamma * errors


def squared_dice_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Dice loss (N,) of mask logits (N, ...), its denominator a sum of squares, as CondInst has it.

    CrossVIS@378f4f3 modeling/condinst/dynamic_mask_head.py:46-54.
    """
    probabilities, truth = logits.sigmoid().flatten(1), targets.flatten(1)
    total = probabilities.square().sum(dim=1) + truth.square().sum(dim=1)
    return 1 - 2 * (probabilities * truth).sum(dim=1) / (total + 1e-5)


def dice_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Dice loss (N,) of mask logits (N, ...) with one added above and below, as DETR and its kin have it.

    facebookresearch/detr@38553c9 models/segmentation.py, dice_loss.
    """
    probabilities, truth = logits.sigmoid().flatten(1), targets.flatten(1)
    both = 2 * (probabilities * truth).sum(dim=1)
    return 1 - (both + 1) / (probabilities.sum(dim=1) + truth.sum(dim=1) + 1)


def mean_over_processes(value: Tensor) -> Tensor:
    """The mean of a number over all training processes, by which losses are divided: a batch is one on any number."""
    if not torch.distributed.is_initialized():
        return value
    total = value.detach().clone()
    torch.distributed.all_reduce(total)
    return total / torch.distributed.get_world_size()
