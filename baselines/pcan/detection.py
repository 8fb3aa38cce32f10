"""From the features of a frame to its detections, each with all that the tracker and the refine head need."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from baselines.layers.deltas import clipped, decode_boxes
from baselines.layers.nms import batched_nms
from baselines.layers.rpn import proposals
from baselines.pcan.network import PcanNetwork

DEVIATIONS = (0.1, 0.1, 0.2, 0.2)
"""Of the box head's deltas (configs/qdtrack-frcnn_r50_fpn_12e_bdd100k.py:48-51)."""


@dataclass(frozen=True)
class DetectionSettings:
    """What counts as a detection (configs/qdtrack-frcnn_r50_fpn_12e_bdd100k.py:157-160)."""

    least: float = 0.5
    """Class probability above which a box is one."""
    overlap: float = 0.5
    """IoU above which the better of two boxes of a class suppresses the other."""
    most: int = 100
    """Detections of a frame."""


@dataclass(frozen=True)
class Detections:
    """N detections of one frame, best first."""

    boxes: Tensor
    """(N, 4): x1, y1, x2, y2 in pixels of the input."""
    labels: Tensor
    scores: Tensor
    embeddings: Tensor
    """(N, D), not normalised."""
    logits: Tensor
    """(N, 28, 28): of the mask of the detection's class, not refined."""
    features: Tensor
    """(N, C, 14, 14), from which the mask was made."""


def detect(
    network: PcanNetwork, pyramid: Sequence[Tensor], size: tuple[int, int], settings: DetectionSettings
) -> Detections:
    """The detections of maps (1, C, h, w) of a frame of this height and width without padding.

    SysCV/pcan@281e3a7 pcan/models/mot/quasi_dense_pcan_seg_refine.py:72-79.
    """
    regions, _ = proposals(network.rpn_head(pyramid), network.anchors(pyramid), 0, size, network.proposals)
    boxes, labels, scores = _classified(network, pyramid, regions, size, settings)
    images = torch.zeros_like(labels)
    features = network.mask_regions(pyramid, images, boxes)
    return Detections(
        boxes,
        labels,
        scores,
        network.track_head(network.regions(pyramid, images, boxes)),
        network.mask_head(features, labels),
        features,
    )


def _classified(
    network: PcanNetwork, pyramid: Sequence[Tensor], regions: Tensor, size: tuple[int, int], settings: DetectionSettings
) -> tuple[Tensor, Tensor, Tensor]:
    """Boxes, labels and scores (mmdet bbox_head.py:280-306, core/post_processing/bbox_nms.py:34-75)."""
    images = torch.zeros(len(regions), dtype=torch.int64, device=regions.device)
    logits, deltas = network.bbox_head(network.regions(pyramid, images, regions))
    probabilities = logits.softmax(dim=1)[:, :-1]
    rows, labels = torch.nonzero(probabilities > settings.least, as_tuple=True)
    boxes = clipped(decode_boxes(regions[rows], deltas[rows, labels], DEVIATIONS), *size)
    scores = probabilities[rows, labels]
    kept = batched_nms(boxes, scores, labels, settings.overlap, settings.most)
    return boxes[kept], labels[kept], scores[kept]
