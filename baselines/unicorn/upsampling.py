"""Masks at a finer stride: every fine pixel a learned mean of its coarse neighbours."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def weight_layers(channels: int, factor: int) -> nn.Sequential:
    """Maps (B, channels, h, w) to the logits (B, 9 factor², h, w) of :func:`convex_upsampled`.

    MasterBin-IIAU/Unicorn@4da9079 unicorn/models/condinst/mask_branch.py:57-61.
    """
    return nn.Sequential(
        nn.Conv2d(channels, channels, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(channels, 9 * factor**2, 1),
    )


def convex_upsampled(masks: Tensor, weights: Tensor) -> Tensor:
    """Mask logits (N, h, w) of one image to (N, factor h, factor w).

    ``weights`` (9 factor², h, w), logits, belong to the 3x3 neighbours, slowest, and the fine pixels of a cell, row by
    row; outside of the map masks are zero (unicorn/models/condinst/dynamic_mask_head.py:159-170).
    """
    height, width = masks.shape[1:]
    neighbours = F.unfold(masks[:, None], 3, padding=1)
    shares = weights.reshape(9, -1, height * width).softmax(dim=0)
    fine = torch.einsum("nkp,ksp->nsp", neighbours, shares).unflatten(2, (height, width))
    return F.pixel_shuffle(fine, round(shares.shape[1] ** 0.5))[:, 0]
