"""The metrics of motion prediction, each for any weighting of the videos (what intervals are made from)."""

import numpy as np

from instmove.masks import BoolArray
from instmove.metrics.bootstrap import FloatArray, IntArray, Statistic
from instmove.metrics.coco import average_precision
from instmove.metrics.motion import MotionResult


def mean_iou(result: MotionResult, weights: IntArray, chosen: BoolArray | None = None) -> FloatArray:
    """Mean IoU over the samples (the ``chosen`` ones) for each weighting; NaN where none is left."""
    each = np.ones(len(result.iou)) if chosen is None else chosen.astype(np.float64)
    count = weights @ np.bincount(result.video, each, len(result.videos))
    total = weights @ np.bincount(result.video, each * result.iou, len(result.videos))
    return np.divide(total, count, out=np.full(len(weights), np.nan), where=count > 0)


def mean_ap(result: MotionResult, weights: IntArray) -> FloatArray:
    """COCO AP for each weighting, detections ranked by their scores."""
    order = np.argsort(-result.score, kind="stable")
    return average_precision(result.hits[order], result.category[order], result.video[order], weights)


def mean_ap_constant(result: MotionResult, weights: IntArray) -> FloatArray:
    """COCO AP for each weighting, all detections with the same score."""
    return average_precision(result.hits_constant, result.category, result.video, weights)


STATISTICS: dict[str, Statistic[MotionResult]] = {
    "iou": mean_iou,
    "iou_continuous": lambda result, weights: mean_iou(result, weights, ~result.after_gap),
    "iou_after_gap": lambda result, weights: mean_iou(result, weights, result.after_gap),
    "map": mean_ap,
    "map_constant": mean_ap_constant,
}
"""The metrics of motion prediction by the names they have in result files."""
