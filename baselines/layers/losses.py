"""Losses of dense prediction that several networks share."""

import torch
from torch import Tensor


def squared_dice_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Dice loss (N,) of mask logits (N, ...), its denominator a sum of squares, as CondInst has it.

    CrossVIS@378f4f3 modeling/condinst/dynamic_mask_head.py:46-54.
    """
    probabilities, truth = logits.sigmoid().flatten(1), targets.flatten(1)
    total = probabilities.square().sum(dim=1) + truth.square().sum(dim=1)
    return 1 - 2 * (probabilities * truth).sum(dim=1) / (total + 1e-5)


def mean_over_processes(value: Tensor) -> Tensor:
    """The mean of a number over all training processes, by which losses are divided: a batch is one on any number."""
    if not torch.distributed.is_initialized():
        return value
    total = value.detach().clone()
    torch.distributed.all_reduce(total)
    return total / torch.distributed.get_world_size()
