"""RoIAlign: the features inside of boxes on a small grid of bins (He et al. 2017), in plain PyTorch."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

FINEST = 56
"""Boxes with sides of less than twice this belong to the finest level.

open-mmlab/mmdetection v2.10.0 mmdet/models/roi_heads/roi_extractors/single_level_roi_extractor.py:23-51.
"""


def pyramid_roi_align(pyramid: Sequence[Tensor], finest: int, images: Tensor, boxes: Tensor, size: int) -> Tensor:
    """Features (N, C, size, size) of boxes (N, 4) of the images (N,), each from the level that suits its size.

    ``pyramid`` are maps (B, C, h, w) of stride ``finest``, twice that, ...; boxes are x1, y1, x2, y2 in pixels.
    """
    levels = level_of(boxes, len(pyramid))
    parts, rows = [], []
    for level, features in enumerate(pyramid):
        here = torch.nonzero(levels == level)[:, 0]
        parts.append(roi_align(features, images[here], boxes[here] / (finest * 2**level), size))
        rows.append(here)
    return torch.cat(parts)[torch.cat(rows).argsort()]


def level_of(boxes: Tensor, levels: int) -> Tensor:
    """The level (N,) from which the features of boxes (N, 4) are taken, from 0."""
    side = (boxes[:, 2:] - boxes[:, :2]).prod(dim=1).sqrt()
    return (side / FINEST + 1e-6).log2().floor().clamp(0, levels - 1).long()


def roi_align(features: Tensor, images: Tensor, boxes: Tensor, size: int) -> Tensor:
    """Features (B, C, H, W) inside of boxes (N, 4: x1, y1, x2, y2 in cells) of the images (N,): (N, C, size, size).

    A bin is the mean of bilinear samples, as many an axis as it has cells, rounded up; samples more than a cell outside
    are 0, as is all of a box without area. The middle of the first cell is at 0.5: mmcv's RoIAlign with aligned=True
    and sampling_ratio=0 (open-mmlab/mmcv v1.2.7 mmcv/ops/csrc/roi_align_cuda_kernel.cuh).
    """
    counts = ((boxes[:, 2:] - boxes[:, :2]) / size).ceil().long()
    groups, group = torch.unique(torch.cat((images[:, None], counts), dim=1), dim=0, return_inverse=True)
    parts = [features.new_zeros(0, features.shape[1], size, size)]
    for number, (image, columns, rows) in enumerate(groups.tolist()):
        parts.append(_binned(features[image], boxes[group == number], size, rows, columns))
    return torch.cat(parts)[group.argsort(stable=True).argsort()]


def _binned(features: Tensor, boxes: Tensor, size: int, rows: int, columns: int) -> Tensor:
    """Boxes (n, 4) of one map (C, H, W) whose bins have ``rows`` x ``columns`` samples."""
    channels, height, width = features.shape
    if rows * columns == 0:
        return features.new_zeros(len(boxes), channels, size, size)
    x, inside_x = _samples(boxes[:, 0], boxes[:, 2], size * columns, width)
    y, inside_y = _samples(boxes[:, 1], boxes[:, 3], size * rows, height)
    grid = torch.stack(torch.broadcast_tensors(x[:, None, :], y[:, :, None]), dim=-1)
    sampled = F.grid_sample(features[None], grid.flatten(0, 1)[None], padding_mode="border", align_corners=False)[0]
    inside = (inside_y[:, :, None] & inside_x[:, None, :]).flatten(0, 1)
    bins = (sampled * inside).view(channels, len(boxes), size, rows, size, columns)
    return bins.mean(dim=(3, 5)).transpose(0, 1)


def _samples(start: Tensor, end: Tensor, count: int, cells: int) -> tuple[Tensor, Tensor]:
    """Evenly spaced places (n, count) along one axis from -1 to 1 over the map, and whether they count."""
    steps = (torch.arange(count, device=start.device) + 0.5) / count
    places = start[:, None] + (end - start)[:, None] * steps
    return 2 * places / cells - 1, (places >= -0.5) & (places <= cells + 0.5)
