"""SimOTA: which locations answer for which annotated object, by what they predict now."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from baselines.layers.boxes import pairwise_iou
from baselines.layers.locations import Locations
from baselines.unicorn.head import Predictions, boxes_of

RADIUS = 2.5
"""Half side of the square around an object's centre that counts as central, in strides.

unicorn_head_mask.py:755-983, get_in_boxes_info.
"""
MOST = 10
"""Best overlaps of an object, whose sum says how many locations answer for it.

unicorn_head_mask.py:755-983, dynamic_k_matching.
"""
IOU_WEIGHT = 3.0  # of minus the logarithm of the IoU in the cost (unicorn_head_mask.py:755-983, get_assignments)
OUTSIDE = 1e5
"""Added to the cost of a location that is not both in an object's box and central (the same)."""


@dataclass(frozen=True)
class Objects:
    """The N annotated objects of an image."""

    labels: Tensor
    """(N,)."""
    boxes: Tensor
    """(N, 4): x1, y1, x2, y2."""
    masks: Tensor
    """(N, H, W) bool, of the padded input."""


@dataclass(frozen=True)
class Positives:
    """The P locations of an image that answer for an object, which one, and how well their boxes overlap."""

    rows: Tensor
    objects: Tensor
    overlaps: Tensor


@torch.no_grad()
def assign(predictions: Predictions, image: int, locations: Locations, objects: Objects) -> Positives:
    """The cheapest locations of every object; MasterBin-IIAU/Unicorn@4da9079 unicorn_head_mask.py:755-983."""
    if not len(objects.labels):
        nothing = torch.zeros_like(objects.labels)
        return Positives(nothing, nothing, objects.boxes[:, 0])
    overlaps = pairwise_iou(objects.boxes, boxes_of(predictions.offsets[image], locations))
    in_box, central = _inside(locations, objects)
    candidates = (in_box | central).any(dim=0)
    cost = _class_cost(predictions, image, objects.labels) - IOU_WEIGHT * (overlaps + 1e-8).log()
    cost = torch.where(candidates, cost + OUTSIDE * ~(in_box & central), torch.inf)
    overlaps = torch.where(candidates, overlaps, 0)
    return _matched(cost, overlaps)


def _inside(locations: Locations, objects: Objects) -> tuple[Tensor, Tensor]:
    """(N, L) each: in the object's box, and in the square around its centre, which is moved into the image."""
    points, boxes = locations.points, objects.boxes[:, None]
    in_box = ((points > boxes[..., :2]) & (points < boxes[..., 2:])).all(dim=-1)
    sides = boxes.new_tensor([objects.masks.shape[2], objects.masks.shape[1]])
    centres = torch.minimum(((boxes[..., :2] + boxes[..., 2:]) / 2).clamp(min=0), sides)
    central = ((points - centres).abs() < RADIUS * locations.strides[:, None]).all(dim=-1)
    return in_box, central


def _class_cost(predictions: Predictions, image: int, labels: Tensor) -> Tensor:
    """(N, L): cross-entropy of the root of class times object probability."""
    products = predictions.logits[image].sigmoid() * predictions.objectness[image].sigmoid()[:, None]
    found = products.sqrt()
    wanted = F.one_hot(labels, found.shape[-1]).to(found.dtype)
    # over classes -log(1 - p), but for the object's own class -log(p); logarithms bounded as torch's loss has them
    absent, present = -(1 - found).log().clamp(min=-100), -found.log().clamp(min=-100)
    return absent.sum(dim=-1) + wanted @ (present - absent).T


def _matched(cost: Tensor, overlaps: Tensor) -> Positives:
    """From cost and overlap (N, L): each object takes its cheapest, a location that several want goes to the cheapest.

    An object takes as many as its ten best overlaps sum up to, rounded down, and at least one.
    """
    amounts = overlaps.topk(min(MOST, cost.shape[1]), dim=1).values.sum(dim=1).int().clamp(min=1)
    ranks = cost.argsort(dim=1).argsort(dim=1)
    wanted = (ranks < amounts[:, None]) & cost.isfinite()
    owner = torch.where(wanted.sum(dim=0) > 1, cost.argmin(dim=0), wanted.int().argmax(dim=0))
    rows = torch.nonzero(wanted.any(dim=0))[:, 0]
    return Positives(rows, owner[rows], overlaps[owner[rows], rows])
