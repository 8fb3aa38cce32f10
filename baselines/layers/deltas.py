"""Boxes as shifts and scalings of other boxes (Girshick et al. 2014)."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

LARGEST = math.log(1000 / 16)
"""Of the logarithm of a scaling.

open-mmlab/mmdetection v2.10.0 mmdet/core/bbox/coder/delta_xywh_bbox_coder.py:174-207.
"""

UNIT = (1.0, 1.0, 1.0, 1.0)


def encode_boxes(anchors: Tensor, boxes: Tensor, deviations: Sequence[float] = UNIT) -> Tensor:
    """What takes ``anchors`` (..., 4) to ``boxes`` (..., 4): shifts in widths and heights, logarithms of scalings.

    Each of the four is divided by its deviation.
    """
    centres, sides = _centred(anchors)
    wanted_centres, wanted_sides = _centred(boxes)
    deltas = torch.cat(((wanted_centres - centres) / sides, (wanted_sides / sides).log()), dim=-1)
    return deltas / deltas.new_tensor(deviations)


def decode_boxes(anchors: Tensor, deltas: Tensor, deviations: Sequence[float] = UNIT) -> Tensor:
    """The boxes to which ``deltas`` (..., 4) take ``anchors`` (..., 4), which broadcast; x1, y1, x2, y2."""
    centres, sides = _centred(anchors)
    shifts, scalings = (deltas * deltas.new_tensor(deviations)).split(2, dim=-1)
    moved, half = centres + sides * shifts, sides * scalings.clamp(-LARGEST, LARGEST).exp() / 2
    return torch.cat((moved - half, moved + half), dim=-1)


def clipped(boxes: Tensor, height: float, width: float) -> Tensor:
    """Boxes (..., 4) cut to the image."""
    return boxes.clamp(min=0).minimum(boxes.new_tensor([width, height, width, height]))


def _centred(boxes: Tensor) -> tuple[Tensor, Tensor]:
    corner, opposite = boxes.split(2, dim=-1)
    return (corner + opposite) / 2, opposite - corner
