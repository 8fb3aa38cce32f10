"""CrossVIS's six losses (all of weight one)."""

import math
from dataclasses import dataclass

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from baselines.crossvis.assignment import Objects, Positives, centerness, distances
from baselines.crossvis.crossover import draw_partners
from baselines.crossvis.network import CrossVisNetwork, Outputs
from baselines.layers.losses import mean_over_processes, squared_dice_loss
from instmove.training.losses import sigmoid_focal_loss

MOST_MASKS = 500
"""Positive locations of a frame whose masks are made, a random choice (configs/CrossVIS/Base-CrossVIS.yaml:17)."""


@dataclass(frozen=True)
class Judged:
    """One frame of the samples of a batch: what was predicted, what is there, and who answers for it."""

    outputs: Outputs
    objects: Objects
    positives: Positives


def detection_losses(frame: Judged) -> dict[str, Tensor]:
    """``class``, ``box`` and ``centerness`` (fcos_outputs.py:399-446)."""
    predictions, positives = frame.outputs.predictions, frame.positives
    wanted = torch.zeros_like(predictions.logits)
    wanted[positives.images, positives.locations, positives.of(frame.objects.labels)] = 1
    locations = frame.outputs.locations
    sides = distances(locations.points[positives.locations], positives.of(frame.objects.boxes))
    sides = sides / locations.strides[positives.locations, None]
    central = centerness(sides)
    count = mean_over_processes(central.new_tensor(float(len(positives)))).clamp(min=1)
    total = mean_over_processes(central.sum()).clamp(min=1e-6)
    errors = F.binary_cross_entropy_with_logits(positives.at(predictions.centerness), central, reduction="sum")
    return {
        "class": sigmoid_focal_loss(predictions.logits, wanted).sum() / count,
        "box": (central * side_loss(positives.at(predictions.distances), sides)).sum() / total,
        "centerness": errors / count,
    }


def side_loss(found: Tensor, wanted: Tensor) -> Tensor:
    """1 - GIoU (P,) of boxes around one point, given as distances (P, 4) to their sides, in strides.

    One is added above and below in the IoU: adet/utils/comm.py:63-102, adet/layers/iou_loss.py:22-31.
    """
    inner, hull = torch.minimum(found, wanted), torch.maximum(found, wanted)
    intersection, whole = _area(inner), _area(hull)
    union = _area(found) + _area(wanted) - intersection
    return 1 - (intersection + 1) / (union + 1) + (whole - union) / whole


def _area(sides: Tensor) -> Tensor:
    return (sides[:, 0] + sides[:, 2]) * (sides[:, 1] + sides[:, 3])


def mask_loss(network: CrossVisNetwork, frame: Judged, parameters: Tensor, places: Positives) -> Tensor:
    """Dice loss of the masks that ``parameters`` (P, ...) find at ``places`` (P) of this frame, a mean over them.

    The truth is every mask_stride-th pixel from half of that on (crossvis.py:516-552).
    """
    locations = frame.outputs.locations
    points, levels = locations.points[places.locations], locations.levels[places.locations]
    logits = network.masks(frame.outputs.features[places.images], points, levels, parameters)
    stride = network.mask_stride
    truth = places.of(frame.objects.masks[..., stride // 2 :: stride, stride // 2 :: stride])
    return squared_dice_loss(logits, truth.float()).sum() / max(len(places), 1)


def own_mask_loss(network: CrossVisNetwork, frame: Judged, places: Positives) -> Tensor:
    """:func:`mask_loss` with the parameters predicted at the places themselves."""
    return mask_loss(network, frame, places.at(frame.outputs.predictions.parameters), places)


def crossover_loss(
    network: CrossVisNetwork,
    source: Judged,
    source_places: Positives,
    target: Judged,
    target_places: Positives,
    generator: Generator,
) -> Tensor:
    """:func:`mask_loss` in the target frame with the parameters that the source frame predicts for the same objects."""
    rows, partners = draw_partners(source_places, target_places, generator)
    parameters = source_places.select(rows).at(source.outputs.predictions.parameters)
    return mask_loss(network, target, parameters, target_places.select(partners))


def identity_loss(classifier: nn.Linear, embeddings: Tensor, ids: Tensor) -> Tensor:
    """Focal loss of telling ``ids`` (P,), from 1, by the ``embeddings`` (P, D) (crossvis.py:106-113, 206-232)."""
    scale = math.sqrt(2) * math.log(classifier.out_features - 1)
    logits = classifier(scale * F.normalize(embeddings))
    wanted = F.one_hot(ids - 1, classifier.out_features).to(logits.dtype)
    return sigmoid_focal_loss(logits, wanted).sum() / max(len(ids), 1)
