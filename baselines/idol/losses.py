"""IDOL's training losses: detection and masks in the key frame, embeddings between key and reference frame."""

from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from baselines.idol.network import IdolNetwork, Prediction
from baselines.layers.boxes import giou, to_corners
from baselines.layers.contrastive import contrastive_loss, cosine_loss, draw_negatives
from baselines.layers.sim_ota import assignment_cost, cheapest, sim_ota
from instmove.training.loop import Losses
from instmove.training.losses import dice_loss, sigmoid_focal_loss

WEIGHTS = {"class": 2.0, "box": 5.0, "giou": 2.0, "mask": 2.0, "dice": 5.0, "reid": 2.0, "reid_cosine": 3.0}
"""wjf5203/VNext@db33833 projects/IDOL/idol/config.py:23-28, idol.py:177-181."""
CANDIDATES = 10
FAR_CANDIDATES = 100
"""Boxes whose overlaps decide how many queries answer for an object, and how many are near enough to it not to be its
negatives (matcher.py:132; pos_neg_select.py:101, 116 and 102, 117)."""


@dataclass(frozen=True)
class Objects:
    """The annotated objects of one frame of B samples, N rows each; those that are not ``valid`` are not there."""

    labels: Tensor
    """(B, N)."""
    boxes: Tensor
    """(B, N, 4): centre and size, in 0..1."""
    valid: Tensor
    """(B, N) bool."""


@dataclass(frozen=True)
class Truth:
    """What the masks of a frame are compared with."""

    features: Tensor
    """(B, 8, h, w), of which the masks are made."""
    masks: Tensor
    """(B, N, 2h, 2w) bool, at the stride of the mask logits."""
    sizes: Tensor
    """(B, 2) width and height in pixels, without padding."""


@dataclass(frozen=True)
class Matches:
    """Which queries answer for which objects under one prediction."""

    matched: Tensor
    """(B, Q, N) bool."""
    best: Tensor
    """(B, N): the query that fits an object best."""

    def rows(self) -> tuple[Tensor, Tensor, Tensor]:
        """Image, query and object of every query that answers for one; of two objects the first."""
        first = self.matched & (self.matched.cumsum(dim=2) == 1)
        image, query, target = first.nonzero(as_tuple=True)
        return image, query, target


@torch.no_grad()
def match(prediction: Prediction, objects: Objects) -> Matches:
    """Assignment of one prediction's queries."""
    matched, cost = sim_ota(_cost(prediction, objects), prediction.boxes, objects.boxes, objects.valid, CANDIDATES)
    return Matches(matched, cheapest(cost, matched))


def detection_losses(
    network: IdolNetwork, prediction: Prediction, matches: Matches, objects: Objects, truth: Truth
) -> Losses:
    """``class``, ``box``, ``giou``, ``mask``, ``dice`` of one prediction: sums by the number of its matched queries.

    wjf5203/VNext@db33833 projects/IDOL/idol/models/deformable_detr.py:287, 340, 375-396.
    """
    image, query, target = matches.rows()
    count = max(len(image), 1)
    wanted = torch.zeros_like(prediction.logits)
    wanted[image, query, objects.labels[image, target]] = 1
    found, annotated = prediction.boxes[image, query], objects.boxes[image, target]
    points = prediction.points[image, query] * truth.sizes[image]
    logits = network.masks(truth.features[image], points, prediction.queries[image, query])
    masks = truth.masks[image, target].to(logits.dtype)
    parts = {
        "class": sigmoid_focal_loss(prediction.logits, wanted),
        "box": (found - annotated).abs(),
        "giou": 1 - giou(to_corners(found), to_corners(annotated)),
        "mask": sigmoid_focal_loss(logits, masks).flatten(1).mean(dim=1),
        "dice": dice_loss(logits, masks),
    }
    return {name: values.sum() / count for name, values in parts.items()}


def embedding_losses(
    network: IdolNetwork, key: Tensor, reference: Prediction, objects: Objects, generator: Generator
) -> Losses:
    """``reid`` and ``reid_cosine`` of the best queries ``key`` (B, N, D) of the key frame's objects.

    ``objects`` are those that are visible in both frames, as they are in the reference frame; averages over them.
    pos_neg_select.py:32-65, 101-117, deformable_detr.py:418-454.
    """
    positive, negative = _near_and_far(reference, objects)
    keys, others = network.embedder(key), network.embedder(reference.queries)
    rows = objects.valid
    products, cosines = (a @ b.mT for a, b in ((keys, others), (F.normalize(keys, dim=2), F.normalize(others, dim=2))))
    drawn = draw_negatives(positive[rows], negative[rows], generator)
    count = max(int(rows.sum()), 1)
    return {
        "reid": contrastive_loss(products[rows], positive[rows], negative[rows]).sum() / count,
        "reid_cosine": cosine_loss(cosines[rows], positive[rows], drawn).sum() / count,
    }


@torch.no_grad()
def _near_and_far(prediction: Prediction, objects: Objects) -> tuple[Tensor, Tensor]:
    """Which queries are an object, and which are not, (B, N, Q) each; some are neither."""
    boxes = (prediction.boxes, objects.boxes, objects.valid)
    near, cost = sim_ota(_cost(prediction, objects), *boxes, CANDIDATES)
    not_far, _ = sim_ota(cost, *boxes, FAR_CANDIDATES)
    return near.mT, ~not_far.mT


def _cost(prediction: Prediction, objects: Objects) -> Tensor:
    probabilities = prediction.logits.sigmoid()
    return assignment_cost(probabilities, prediction.boxes, objects.labels, objects.boxes, objects.valid)
