"""The square of the canvas that an instance is seen through: most of a canvas is far from the object.

The networks are convolutional but for averages over the map, so a window costs what its area costs; those trained on
crops (``motion.crop``) see windows of about the size they know.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from instmove.network.decoder import Features

STEP = 8
"""Windows begin at multiples of the coarsest image stride, so that image features can be cut instead of computed."""
MULTIPLE = 16
"""Sides are multiples of the coarsest mask stride."""
ROOM = 1.5
"""Side over the extent of what the past masks cover, so that the object can move on."""
FAR = -20.0
"""Logit of the canvas outside of a window."""


@dataclass(frozen=True)
class Window:
    """Left and top corner and side, in pixels of the canvas."""

    left: int
    top: int
    side: int


def window_around(past: Tensor, smallest: int) -> Window:
    """The smallest window, from ``smallest`` on, around the last of the masks (n, S, S) with room for the others."""
    size = past.shape[-1]
    if smallest >= size:
        return Window(0, 0, size)
    ranges = [_ranges(past, axis) for axis in (-1, -2)]
    extent = max(2 * max(high - centre, centre - low) for low, high, centre in ranges)
    wanted = MULTIPLE * -int(-ROOM * extent // MULTIPLE)
    side = min(size, max(smallest, wanted))
    left, top = (_begin(centre, side, size) for _, _, centre in ranges)
    return Window(left, top, side)


def cut(maps: Tensor, windows: Sequence[Window], stride: int = 1) -> Tensor:
    """The windows (K, ..., side, side) / stride of maps (K or 1, ..., S, S) at this stride; all of one side."""
    shared = maps.expand(len(windows), *maps.shape[1:])
    return torch.stack([_part(one, window, stride) for one, window in zip(shared, windows, strict=True)])


def cut_features(features: Features | None, windows: Sequence[Window]) -> Features | None:
    """Image features of the canvas, strides 4 and 8, as those of the windows; one for all where those are the same."""
    seen = windows[:1] if len(set(windows)) == 1 else windows
    return None if features is None else (cut(features[0], seen, 4), cut(features[1], seen, 8))


def paste(logits: Tensor, windows: Sequence[Window], size: int) -> Tensor:
    """Logits (K, side, side) of windows on whole canvases (K, size, size), far below zero elsewhere."""
    return torch.stack([_pasted(one, window, size) for one, window in zip(logits, windows, strict=True)])


def _ranges(past: Tensor, axis: int) -> tuple[int, int, float]:
    """First and last but one coordinate that any mask covers, and the middle of the last mask; of an empty one, all."""
    other = -1 if axis == -2 else -2
    covered = past.amax(other) > 0
    every, last = covered.any(0).nonzero(), covered[-1].nonzero()
    if not len(last):
        return 0, past.shape[axis], past.shape[axis] / 2
    return int(every[0]), int(every[-1]) + 1, float(last[0] + last[-1] + 1) / 2


def _begin(centre: float, side: int, size: int) -> int:
    start = STEP * round((centre - side / 2) / STEP)
    return min(max(start, 0), size - side)


def _part(maps: Tensor, window: Window, stride: int) -> Tensor:
    left, top, side = (value // stride for value in (window.left, window.top, window.side))
    return maps[..., top : top + side, left : left + side]


def _pasted(logits: Tensor, window: Window, size: int) -> Tensor:
    right, below = size - window.left - window.side, size - window.top - window.side
    return F.pad(logits, (window.left, right, window.top, below), value=FAR)
