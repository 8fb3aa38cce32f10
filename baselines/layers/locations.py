"""Where the cells of a feature pyramid are."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from baselines.layers.dynamic_mask import pixel_centres


@dataclass(frozen=True)
class Locations:
    """The L cells of all pyramid levels, finest level first, row by row."""

    points: Tensor
    """(L, 2): x, y in pixels of the input."""
    levels: Tensor
    """(L,): number of the level, from 0."""
    strides: Tensor
    """(L,) pixels."""


def locations_of(pyramid: Sequence[Tensor], finest: int) -> Locations:
    """Where the cells of these maps (B, C, h, w) are, the first of stride ``finest``, each next of twice that."""
    points, levels, strides = [], [], []
    for level, features in enumerate(pyramid):
        stride = finest * 2**level
        height, width = features.shape[-2:]
        cells = pixel_centres(height, width, stride, features.device).flatten(0, 1)
        points.append(cells)
        levels.append(torch.full((len(cells),), level, device=cells.device))
        strides.append(torch.full((len(cells),), float(stride), device=cells.device))
    return Locations(torch.cat(points), torch.cat(levels), torch.cat(strides))
