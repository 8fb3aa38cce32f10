"""From dense predictions to the instances of a frame."""

from dataclasses import dataclass

import torch

from baselines.layers.detections import Detections
from baselines.layers.locations import Locations
from baselines.layers.nms import batched_nms
from baselines.unicorn.head import Predictions, boxes_of


@dataclass(frozen=True)
class DetectionSettings:
    """What counts as an instance, as published."""

    least: float = 0.01
    """Smallest product of class and object probability (unicorn/exp/unicorn_track.py:105)."""
    overlap: float = 0.65
    """IoU above which the better of two boxes of a class suppresses the other (unicorn_track.py:106)."""


def detect(predictions: Predictions, image: int, locations: Locations, settings: DetectionSettings) -> Detections:
    """The instances of one image, each of its location's best class; however many there are.

    MasterBin-IIAU/Unicorn@4da9079 unicorn/utils/boxes.py:86-124.
    """
    best, classes = predictions.logits[image].sigmoid().max(dim=-1)
    scores = predictions.objectness[image].sigmoid() * best
    rows = torch.nonzero(scores >= settings.least)[:, 0]
    boxes = boxes_of(predictions.offsets[image], locations)
    kept = rows[batched_nms(boxes[rows], scores[rows], classes[rows], settings.overlap)]
    return Detections(kept, classes[kept], scores[kept], boxes[kept])
