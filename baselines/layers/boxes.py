"""Overlap of boxes x1, y1, x2, y2."""

import torch
from torch import Tensor


def to_corners(boxes: Tensor) -> Tensor:
    """Boxes (..., 4) of centre, width and height as x1, y1, x2, y2."""
    centre, size = boxes[..., :2], boxes[..., 2:]
    return torch.cat((centre - size / 2, centre + size / 2), dim=-1)


def from_corners(boxes: Tensor) -> Tensor:
    """The inverse of :func:`to_corners`."""
    corner, opposite = boxes[..., :2], boxes[..., 2:]
    return torch.cat(((corner + opposite) / 2, opposite - corner), dim=-1)


def area(boxes: Tensor) -> Tensor:
    """Area of (..., 4)."""
    return (boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1])


def overlap(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """Intersection and union of boxes (..., 4) and (..., 4) that broadcast; (K, 1, 4) and (N, 4) give all pairs."""
    corner = torch.maximum(first[..., :2], second[..., :2])
    opposite = torch.minimum(first[..., 2:], second[..., 2:])
    intersection = (opposite - corner).clamp(min=0).prod(dim=-1)
    return intersection, area(first) + area(second) - intersection


def pairwise_iou(first: Tensor, second: Tensor) -> Tensor:
    """Intersection over union of all pairs of (K, 4) and (N, 4), shape (K, N); 0 for two boxes without area."""
    intersection, union = overlap(first[:, None], second)
    return torch.where(union > 0, intersection / union, 0)


def giou(first: Tensor, second: Tensor) -> Tensor:
    """Generalised IoU in [-1, 1] of boxes with area, (..., 4) and (..., 4) that broadcast."""
    intersection, union = overlap(first, second)
    corner = torch.minimum(first[..., :2], second[..., :2])
    opposite = torch.maximum(first[..., 2:], second[..., 2:])
    hull = (opposite - corner).prod(dim=-1)
    return intersection / union - (hull - union) / hull
