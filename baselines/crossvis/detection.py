"""From dense predictions to the instances of a frame."""

from dataclasses import dataclass

import torch
from torch import Tensor

from baselines.crossvis.head import Predictions
from baselines.layers.detections import Detections
from baselines.layers.locations import Locations
from baselines.layers.nms import batched_nms


@dataclass(frozen=True)
class DetectionSettings:
    """What counts as an instance, as published."""

    least: float = 0.05
    """Smallest product of class probability and centerness (adet/config/defaults.py:27, Base-CrossVIS.yaml:13)."""
    candidates: int = 1000
    """Most pairs of location and class that a level brings before suppression (defaults.py:24)."""
    overlap: float = 0.6
    """IoU above which the better of two boxes of a class suppresses the other (defaults.py:25)."""
    most: int = 100
    """Instances of a frame (defaults.py:29)."""


def detect(predictions: Predictions, image: int, locations: Locations, settings: DetectionSettings) -> Detections:
    """The instances of one image; hustvl/CrossVIS@378f4f3 adet/modeling/fcos/fcos_outputs.py:546-628."""
    products = predictions.logits[image].sigmoid() * predictions.centerness[image, :, None].sigmoid()
    rows, classes = _candidates(products, locations.levels, settings)
    scores = products[rows, classes].sqrt()
    sides = predictions.distances[image, rows] * locations.strides[rows, None]
    points = locations.points[rows]
    boxes = torch.cat((points - sides[:, :2], points + sides[:, 2:]), dim=1)
    kept = batched_nms(boxes, scores, classes, settings.overlap, settings.most)
    return Detections(rows[kept], classes[kept], scores[kept], boxes[kept])


def _candidates(products: Tensor, levels: Tensor, settings: DetectionSettings) -> tuple[Tensor, Tensor]:
    """Locations and classes above the threshold, the best of each level."""
    rows, classes = torch.nonzero(products > settings.least, as_tuple=True)
    kept = []
    for level in levels.unique():
        here = torch.nonzero(levels[rows] == level)[:, 0]
        values = products[rows[here], classes[here]]
        kept.append(here[values.topk(min(settings.candidates, len(here))).indices])
    chosen = torch.cat(kept)
    return rows[chosen], classes[chosen]
