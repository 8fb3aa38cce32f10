"""Unicorn's losses: of detection and masks in one frame, and of identities between two."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from baselines.layers.boxes import overlap
from baselines.layers.locations import Locations
from baselines.layers.losses import mean_over_processes, squared_dice_loss
from baselines.unicorn.assignment import Objects, Positives
from baselines.unicorn.head import boxes_of
from baselines.unicorn.network import Outputs, UnicornNetwork

BOX_WEIGHT = 5.0
"""MasterBin-IIAU/Unicorn@4da9079 unicorn/models/unicorn_head_mask.py:730; the other losses have weight one."""


def detection_losses(outputs: Outputs, objects: Sequence[Objects], positives: Sequence[Positives]) -> dict[str, Tensor]:
    """``box``, ``offset``, ``object`` and ``class`` of a batch, sums by the number of positives (:705-735)."""
    predictions, locations = outputs.predictions, outputs.locations
    images = torch.cat([torch.full_like(found.rows, image) for image, found in enumerate(positives)])
    rows = torch.cat([found.rows for found in positives])
    pairs = list(zip(objects, positives, strict=True))
    boxes = torch.cat([truth.boxes[found.objects] for truth, found in pairs])
    labels = torch.cat([truth.labels[found.objects] for truth, found in pairs])
    overlaps = torch.cat([found.overlaps for found in positives])
    offsets = predictions.offsets[images, rows]
    present = torch.zeros_like(predictions.objectness)
    present[images, rows] = 1
    classes = F.one_hot(labels, predictions.logits.shape[-1]) * overlaps[:, None]
    mine = _at(locations, rows)
    count = mean_over_processes(boxes.new_tensor(float(len(rows)))).clamp(min=1)
    return {
        "box": BOX_WEIGHT * box_loss(boxes_of(offsets, mine), boxes).sum() / count,
        "offset": (offsets - offsets_of(boxes, mine)).abs().sum() / count,
        "object": F.binary_cross_entropy_with_logits(predictions.objectness, present, reduction="sum") / count,
        "class": F.binary_cross_entropy_with_logits(predictions.logits[images, rows], classes, reduction="sum") / count,
    }


def box_loss(found: Tensor, wanted: Tensor) -> Tensor:
    """1 - IoU² (P,) of boxes (P, 4) and (P, 4), as YOLOX has it."""
    intersection, union = overlap(found, wanted)
    return 1 - (intersection / (union + 1e-16)).square()


def offsets_of(boxes: Tensor, locations: Locations) -> Tensor:
    """The inverse of :func:`baselines.unicorn.head.boxes_of` (unicorn_head_mask.py:747-752)."""
    strides = locations.strides[:, None]
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    corners = locations.points - strides / 2
    sizes = (boxes[:, 2:] - boxes[:, :2]) / strides
    return torch.cat(((centres - corners) / strides, (sizes + 1e-8).log()), dim=1)


def mask_loss(
    network: UnicornNetwork, outputs: Outputs, objects: Sequence[Objects], positives: Sequence[Positives]
) -> Tensor:
    """Dice loss of the masks of all positives, the mean of the means of the images that have any (:684-704).

    The truth is averaged down to the stride of masks.
    """
    means = []
    for image, (truth, found) in enumerate(zip(objects, positives, strict=True)):
        if len(found.rows):
            wanted = F.avg_pool2d(truth.masks.float(), network.mask_stride)[found.objects]
            means.append(squared_dice_loss(network.masks(outputs, image, found.rows), wanted).mean())
    return torch.stack(means).mean() if means else outputs.features.sum() * 0


def identity_loss(first: Tensor, second: Tensor, visible: Tensor) -> Tensor:
    """Cross-entropy of finding every object of one frame in the other, the mean of both directions.

    Embeddings (N, D) of the same objects in two frames, of which ``visible`` (2, N) are there; zero if none is in both
    (unicorn/models/unicorn.py:407-466).
    """
    both = torch.nonzero(visible.all(dim=0))[:, 0]
    if not len(both):
        return first.sum() * 0
    alike = first @ second.T
    there = alike.masked_fill(~visible[1], -torch.inf)[both]
    back = alike.T.masked_fill(~visible[0], -torch.inf)[both]
    return (F.cross_entropy(there, both) + F.cross_entropy(back, both)) / 2


def _at(locations: Locations, rows: Tensor) -> Locations:
    return Locations(locations.points[rows], locations.levels[rows], locations.strides[rows])
