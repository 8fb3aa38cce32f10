"""Prototypes: a few vectors that stand for many features, found by expectation maximisation."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

SHARPNESS = 20
"""Factor on similarities before the softmax over prototypes (pcan/models/mot/quasi_dense_pcan_seg_refine.py:30-40)."""
EPSILON = 1e-6  # added to the sums and lengths that are divided by (pcan/models/mot/quasi_dense_pcan.py:35-41)


def fresh_prototypes(channels: int, count: int) -> Tensor:
    """Random unit vectors (1, channels, count) (quasi_dense_pcan.py:29-33)."""
    return unit(torch.randn(1, channels, count) * math.sqrt(2 / count))


def unit(prototypes: Tensor) -> Tensor:
    """Prototypes (B, C, K), their channels divided by their length."""
    return prototypes / (EPSILON + prototypes.norm(dim=1, keepdim=True))


@torch.no_grad()
def fitted(features: Tensor, prototypes: Tensor, steps: int, mask: Tensor | None = None) -> Tensor:
    """``prototypes`` (B, C, K) after so many steps towards ``features`` (B, C, N), of which ``mask`` (B, N) counts.

    SysCV/pcan@281e3a7 pcan/models/mot/quasi_dense_pcan_seg_refine.py:30-40,
    pcan/models/roi_heads/refine_heads/em_match_head.py:202-215.
    """
    for _ in range(steps):
        shares = F.softmax(SHARPNESS * features.transpose(1, 2) @ prototypes, dim=2)
        if mask is not None:
            shares = shares * mask[:, :, None]
        prototypes = unit(features @ (shares / (EPSILON + shares.sum(dim=1, keepdim=True))))
    return prototypes
