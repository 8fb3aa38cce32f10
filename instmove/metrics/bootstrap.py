"""Percentile intervals by resampling videos: for one result, and for the paired difference of two.

Frames and objects of a video are alike, so the video is the unit that is drawn. The draws depend on the seed and the
number of videos only: two results on the same samples see the same draws.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instmove.errors import InstMoveError
from instmove.masks import BoolArray
from instmove.metrics.coco import average_precision
from instmove.metrics.motion import MotionResult

DRAWS = 1000
LEVEL = 95.0

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
Statistic = Callable[[MotionResult, IntArray], FloatArray]
"""A metric of a result for each weighting (draws, videos) of its videos."""


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval; None where it cannot be computed."""

    value: float | None
    low: float | None = None
    high: float | None = None


def draw_weights(videos: int, draws: int = DRAWS, seed: int = 0) -> IntArray:
    """How often each video is drawn, shape (draws, videos); every row sums to ``videos``."""
    generator = np.random.default_rng(seed)
    return generator.multinomial(videos, np.full(videos, 1 / videos), size=draws)


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


STATISTICS: dict[str, Statistic] = {
    "iou": mean_iou,
    "iou_continuous": lambda result, weights: mean_iou(result, weights, ~result.after_gap),
    "iou_after_gap": lambda result, weights: mean_iou(result, weights, result.after_gap),
    "map": mean_ap,
    "map_constant": mean_ap_constant,
}
"""The metrics of motion prediction by the names they have in result files."""


def estimate(result: MotionResult, statistic: Statistic, draws: int = DRAWS, seed: int = 0) -> Estimate:
    """A metric on all videos, with its interval."""
    once = np.ones((1, len(result.videos)), dtype=np.int64)
    weights = draw_weights(len(result.videos), draws, seed)
    return interval(statistic(result, once)[0], statistic(result, weights))


def difference(
    first: MotionResult, second: MotionResult, statistic: Statistic, draws: int = DRAWS, seed: int = 0
) -> Estimate:
    """``first`` minus ``second`` on the same samples, with the interval of the paired differences."""
    require_same_samples(first, second)
    once = np.ones((1, len(first.videos)), dtype=np.int64)
    weights = draw_weights(len(first.videos), draws, seed)
    value = statistic(first, once)[0] - statistic(second, once)[0]
    return interval(value, statistic(first, weights) - statistic(second, weights))


def interval(value: float, drawn: FloatArray) -> Estimate:
    """The estimate from a value and its bootstrap draws; draws in which it cannot be computed are left out."""
    if np.isnan(value):
        return Estimate(None)
    tail = (100.0 - LEVEL) / 2
    low, high = np.percentile(drawn[~np.isnan(drawn)], [tail, 100.0 - tail])
    return Estimate(float(value), float(low), float(high))


def require_same_samples(first: MotionResult, second: MotionResult) -> None:
    """Raise an error unless both results are predictions of the same samples."""
    same = first.videos == second.videos and all(
        np.array_equal(getattr(first, name), getattr(second, name)) for name in ("video", "frame", "track")
    )
    if not same:
        raise InstMoveError(
            f"two results differ in their samples ({len(first.iou)} and {len(second.iou)}); "
            "evaluate both on the same split and canvas"
        )
