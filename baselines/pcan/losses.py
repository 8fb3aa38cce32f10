"""PCAN's losses: of Faster R-CNN, of masks, of embeddings and of refined masks."""

from collections.abc import Sequence

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from baselines.layers.deltas import encode_boxes
from baselines.layers.roi_align import roi_align
from baselines.layers.rpn import Anchors, RpnOutputs
from baselines.pcan.detection import DEVIATIONS
from baselines.pcan.sampling import Drawn, SamplingRule, Truth, assigned, drawn_rows

ANCHORS = SamplingRule(positive=0.7, negative=0.3, share=0.5, least=0.3)
"""configs/qdtrack-frcnn_r50_fpn_12e_bdd100k.py, train_cfg.rpn."""
BETA = 1 / 9
"""Where the proposals' loss turns from square to absolute (configs/qdtrack-frcnn_r50_fpn_12e_bdd100k.py:34)."""
# of the contrast of embeddings; their cosines have weight one (configs/qdtrack-frcnn_r50_fpn_12e_bdd100k.py:67-74)
TRACK_WEIGHT = 0.25
LARGEST = 80.0
"""Of similarities to others (pcan/models/losses/multipos_cross_entropy_loss.py:6-24)."""
MARGIN = 0.3
"""Cosine below which others are far enough (configs/qdtrack-frcnn_r50_fpn_12e_bdd100k.py:72)."""
HARD = 3
"""Others that count for every one that is the same (configs/qdtrack-frcnn_r50_fpn_12e_bdd100k.py:70)."""


def proposal_losses(
    outputs: RpnOutputs, anchors: Anchors, truths: Sequence[Truth], count: int, generator: Generator
) -> dict[str, Tensor]:
    """``objectness`` and ``proposal`` of ``count`` anchors an image (mmdet rpn_head.py, anchor_head.py)."""
    errors, shifts, total = [], [], 0
    for image, truth in enumerate(truths):
        answers = assigned(anchors.boxes, truth.boxes, ANCHORS)
        positives, negatives = drawn_rows(answers, count, ANCHORS, generator)
        wanted = encode_boxes(anchors.boxes[positives], truth.boxes[answers[positives]])
        shifts.append(F.smooth_l1_loss(outputs.deltas[image, positives], wanted, beta=BETA, reduction="sum"))
        rows = torch.cat((positives, negatives))
        there = (torch.arange(len(rows), device=rows.device) < len(positives)).float()
        errors.append(F.binary_cross_entropy_with_logits(outputs.logits[image, rows], there, reduction="sum"))
        total += len(rows)
    return {"objectness": torch.stack(errors).sum() / total, "proposal": torch.stack(shifts).sum() / total}


def box_losses(logits: Tensor, deltas: Tensor, drawn: Sequence[Drawn], truths: Sequence[Truth]) -> dict[str, Tensor]:
    """``class`` and ``box`` of the drawn regions of all images (mmdet bbox_head.py:120-180)."""
    background = logits.shape[1] - 1
    labels, wanted = [], []
    for regions, truth in zip(drawn, truths, strict=True):
        own = truth.labels[regions.objects]
        labels.append(F.pad(own, (0, len(regions.boxes) - len(own)), value=background))
        wanted.append(encode_boxes(regions.positives, truth.boxes[regions.objects], DEVIATIONS))
    label = torch.cat(labels)
    rows = torch.nonzero(label != background)[:, 0]
    shifts = F.smooth_l1_loss(deltas[rows, label[rows]], torch.cat(wanted), reduction="sum")
    return {"class": F.cross_entropy(logits, label), "box": shifts / len(label)}


def mask_targets(drawn: Sequence[Drawn], truths: Sequence[Truth], size: int) -> Tensor:
    """What the masks (P, size, size) of the regions that answer for objects should be (mmdet mask_target.py)."""
    masks = [
        roi_align(truth.masks[:, None].float(), regions.objects, regions.positives, size)[:, 0]
        for regions, truth in zip(drawn, truths, strict=True)
    ]
    return (torch.cat(masks) >= 0.5).float()


def mask_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Cross entropy, a mean over masks (P, h, w) and their pixels; 0 without any."""
    errors = F.binary_cross_entropy_with_logits(logits, targets, reduction="sum")
    return errors / max(logits.numel(), 1)


def embedding_losses(key: Tensor, reference: Tensor, same: Tensor) -> tuple[Tensor, Tensor]:
    """Of embeddings (K, D) in one image and (R, D) in another, which are the ``same`` objects (K, R) bool.

    SysCV/pcan@281e3a7 pcan/models/roi_heads/track_heads/quasi_dense_embed_head.py:103-192.
    """
    rows = contrast(key @ reference.T, same, ~same)
    counted = same.any(dim=1)
    cosines = F.normalize(key) @ F.normalize(reference).T
    return TRACK_WEIGHT * (rows * counted).sum() / counted.sum().clamp(min=1), cosine_loss(cosines, same)


def contrast(scores: Tensor, same: Tensor, other: Tensor) -> Tensor:
    """log(1 + sum over the same of e^-score * sum over others of e^score), of every row (K, R): (K,).

    SysCV/pcan@281e3a7 pcan/models/losses/multipos_cross_entropy_loss.py:6-24.
    """
    absent = -1e4
    first = torch.where(same, -scores, absent).logsumexp(dim=1)
    last = torch.where(other, scores.clamp(max=LARGEST), absent).logsumexp(dim=1)
    return F.softplus(first + last)


def cosine_loss(cosines: Tensor, same: Tensor, margin: float = MARGIN) -> Tensor:
    """Squared distance from 1 of the same pairs (K, R), from 0 of the worst others, a mean over these pairs.

    SysCV/pcan@281e3a7 pcan/models/losses/l2_loss.py:76-111.
    """
    errors = (torch.where(same, cosines, cosines - margin).clamp(0, 1) - same.float()).square()
    others = errors[~same]
    worst = others.topk(min(HARD * int(same.sum()), len(others))).values
    return (errors[same].sum() + worst.sum()) / max(int(same.sum()) + len(worst), 1)
