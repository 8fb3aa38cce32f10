"""Which locations answer for which annotated object, and what they should say."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from baselines.layers.locations import Locations

RADIUS = 1.5
"""Half side of the square around an object's centroid that counts as its centre, in strides (defaults.py:63-64)."""


@dataclass(frozen=True)
class Objects:
    """The annotated objects of B images, N rows each; rows that are not ``valid`` are padding or not visible."""

    labels: Tensor
    """(B, N)."""
    boxes: Tensor
    """(B, N, 4): x1, y1, x2, y2."""
    masks: Tensor
    """(B, N, H, W) bool, of the padded input."""
    valid: Tensor
    """(B, N) bool."""
    ids: Tensor
    """(B, N): running number of the object in the training set, from 1."""


@dataclass(frozen=True)
class Positives:
    """The P locations that answer for an object, each as the numbers of its image, its location and its object."""

    images: Tensor
    locations: Tensor
    objects: Tensor

    def __len__(self) -> int:
        return len(self.images)

    def of(self, table: Tensor) -> Tensor:
        """Rows (P, ...) of a table of objects (B, N, ...)."""
        return table[self.images, self.objects]

    def at(self, predictions: Tensor) -> Tensor:
        """Rows (P, ...) of predictions (B, L, ...)."""
        return predictions[self.images, self.locations]

    def select(self, rows: Tensor) -> "Positives":
        """These rows, in this order."""
        return Positives(self.images[rows], self.locations[rows], self.objects[rows])


def assign(locations: Locations, objects: Objects, sizes: Sequence[float]) -> Positives:
    """Locations near an object's centroid, on the level of its size; of several such objects that of the smallest box.

    ``sizes`` are the boundaries between levels for the largest distance from a location to the box's sides, both
    inclusive. hustvl/CrossVIS@378f4f3 adet/modeling/fcos/fcos_outputs.py:110-294.
    """
    bounds = objects.boxes.new_tensor([-1, *sizes, torch.inf])
    lower, upper = bounds[locations.levels][:, None], bounds[locations.levels + 1][:, None]
    largest = distances(locations.points[:, None], objects.boxes[:, None]).amax(dim=-1)
    claimed = _is_central(locations, objects) & (largest >= lower) & (largest <= upper) & objects.valid[:, None]
    area = (objects.boxes[..., 2:] - objects.boxes[..., :2]).prod(dim=-1)
    smallest, chosen = torch.where(claimed, area[:, None], torch.inf).min(dim=-1)
    images, rows = torch.nonzero(smallest.isfinite(), as_tuple=True)
    return Positives(images, rows, chosen[images, rows])


def distances(points: Tensor, boxes: Tensor) -> Tensor:
    """From points (..., 2) to the left, upper, right and lower side of boxes (..., 4), which broadcast."""
    return torch.cat((points - boxes[..., :2], boxes[..., 2:] - points), dim=-1)


def centerness(distances: Tensor) -> Tensor:
    """One in the middle of a box, zero at its sides, from ``distances`` (P, 4) (fcos_outputs.py:40-47)."""
    pairs = torch.stack((distances[:, [0, 2]], distances[:, [1, 3]]), dim=1)
    return (pairs.amin(dim=-1) / pairs.amax(dim=-1)).prod(dim=-1).sqrt()


def _is_central(locations: Locations, objects: Objects) -> Tensor:
    """(B, L, N): inside the square around the centroid, as far as that lies in the box (fcos_outputs.py:153-215)."""
    centres = _centroids(objects.masks)[:, None]
    half = RADIUS * locations.strides[:, None, None]
    boxes = objects.boxes[:, None]
    corner = torch.maximum(centres - half, boxes[..., :2])
    opposite = torch.minimum(centres + half, boxes[..., 2:])
    square = torch.cat((corner, opposite), dim=-1)
    return distances(locations.points[:, None], square).amin(dim=-1) > 0


def _centroids(masks: Tensor) -> Tensor:
    """(B, N, 2): x, y, the mean of the foreground's pixel indices; zero for an empty mask."""
    columns, rows = masks.sum(dim=-2).float(), masks.sum(dim=-1).float()
    area = rows.sum(dim=-1).clamp(min=1)
    moments = ((counts * torch.arange(counts.shape[-1], device=masks.device)).sum(dim=-1) for counts in (columns, rows))
    return torch.stack([moment / area for moment in moments], dim=-1)
