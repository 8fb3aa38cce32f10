"""Video average precision, as YouTube-VIS and OVIS define it (Tables 1, 3, 8 and 9).

An IoU is one of whole tracks: the pixels that both have, summed over the frames, over those that either has. From
there on it is COCO's evaluation with videos in place of images. ``match_video`` does what looks at masks, once a
video; the metrics are made from its small result, so that an interval costs no more than accumulating again. Equal to
YTVOSeval (pycocotools/ytvoseval.py of the official YouTube-VIS API), but that an object's area, which says whether it
is small, medium or large, is always counted in its masks, not read from the annotation file.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import partial

import numpy as np
from numpy.typing import NDArray

from instmove.masks import BoolArray, Rle
from instmove.metrics import accumulation
from instmove.metrics.accumulation import Detections, Truths
from instmove.metrics.bootstrap import Statistic, same_in
from instmove.metrics.coco import THRESHOLDS

AREAS = {"all": (0, 1e10), "small": (0, 128**2), "medium": (128**2, 256**2), "large": (256**2, 1e10)}
"""Ranges of an object's mean area, both ends included. Must equal ytvoseval.py:531-562, areaRng."""
MOST = 100
"""Predictions of a video and category that count. Must equal ytvoseval.py:531-562, maxDets."""

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class TrackPrediction:
    """One predicted track, its category one of the dataset's ids."""

    category: int
    score: float
    masks: tuple[Rle | None, ...]
    """One a frame; None where there is none."""


@dataclass(frozen=True)
class VideoMatches:
    """What the predictions of one or more videos came to: D predictions and M truths, A areas and T IoU thresholds.

    Predictions are ordered by (video, category, falling score); those beyond the hundred best of a video and category
    are left out.
    """

    videos: tuple[str, ...]
    """Names; ``video`` and ``truth_video`` are indices into them."""
    video: IntArray
    category: IntArray
    rank: IntArray
    """Place among the predictions of the same video and category, from 0."""
    score: FloatArray
    hits: BoolArray
    """(D, A, T): true positives."""
    ignored: BoolArray
    """(D, A, T): neither true nor false: crowds, and what is not of that area."""
    truth_video: IntArray
    truth_category: IntArray
    truth_counted: BoolArray
    """(M, A): whether the object has to be found."""

    def same_samples(self, other: "VideoMatches") -> bool:
        """Whether both results are of the same objects in the same videos."""
        return same_in(self, other, "truth_video", "truth_category", "truth_counted")


def pool(parts: Iterable[VideoMatches]) -> VideoMatches:
    """Put the matches of videos together; equal scores are ordered as the videos are (officially by their ids)."""
    listed = list(parts)
    starts = np.cumsum([0] + [len(part.videos) for part in listed])[:-1]
    arrays = {
        field.name: np.concatenate([getattr(part, field.name) for part in listed])
        for field in fields(VideoMatches)
        if field.name != "videos"
    }
    for name in ("video", "truth_video"):
        shifted = [getattr(part, name) + start for part, start in zip(listed, starts, strict=True)]
        arrays[name] = np.concatenate(shifted)
    return VideoMatches(videos=tuple(name for part in listed for name in part.videos), **arrays)


def average_precision(
    matches: VideoMatches, weights: IntArray, thresholds: slice = slice(None), area: str = "all"
) -> FloatArray:
    """AP for each weighting (draws, videos): mean over categories, the chosen thresholds and 101 recalls."""
    detections, truths = _inputs(matches, area, thresholds)
    return accumulation.mean(accumulation.precisions(detections, truths, weights))


def average_recall(matches: VideoMatches, weights: IntArray, most: int = MOST, area: str = "all") -> FloatArray:
    """AR for each weighting (draws, videos) of the ``most`` best predictions a video and category."""
    detections, truths = _inputs(matches, area, most=most)
    return accumulation.mean(accumulation.recalls(detections, truths, weights))


STATISTICS: dict[str, Statistic[VideoMatches]] = {
    "AP": average_precision,
    "AP50": partial(average_precision, thresholds=slice(0, 1)),
    "AP75": partial(average_precision, thresholds=slice(5, 6)),
    "AP_small": partial(average_precision, area="small"),
    "AP_medium": partial(average_precision, area="medium"),
    "AP_large": partial(average_precision, area="large"),
    "AR1": partial(average_recall, most=1),
    "AR10": partial(average_recall, most=10),
    "AR100": average_recall,
    "AR_small": partial(average_recall, area="small"),
    "AR_medium": partial(average_recall, area="medium"),
    "AR_large": partial(average_recall, area="large"),
}
"""The twelve numbers of the official evaluator by the names they have in result files (fractions)."""


def per_category(matches: VideoMatches) -> dict[int, dict[str, float]]:
    """``AP`` and ``AR1`` of each category that has an object to be found."""
    detections, truths = _inputs(matches, "all")
    precision = accumulation.precisions(detections, truths, _once(matches)).mean(axis=(1, 2))
    first, _ = _inputs(matches, "all", most=1)
    recall = accumulation.recalls(first, truths, _once(matches)).mean(axis=(1, 2))
    return {
        int(category): {"AP": float(ap), "AR1": float(ar)}
        for category, ap, ar in zip(np.unique(truths.category), precision, recall, strict=True)
    }


def per_threshold(matches: VideoMatches) -> list[float]:
    """AP at each of the ten IoU thresholds; NaN where there is nothing to be found."""
    parts = (slice(n, n + 1) for n in range(len(THRESHOLDS)))
    return [float(average_precision(matches, _once(matches), part)[0]) for part in parts]


def per_video(matches: VideoMatches) -> FloatArray:
    """AP of each video as if it were the whole dataset, mean over its own categories; NaN where it has no object.

    It says which videos a change helped or harmed. Its mean is not the AP of the dataset, where predictions of all
    videos compete in one ranking.
    """
    return average_precision(matches, np.eye(len(matches.videos), dtype=np.int64))


def _once(matches: VideoMatches) -> IntArray:
    return np.ones((1, len(matches.videos)), dtype=np.int64)


def _inputs(
    matches: VideoMatches, area: str, thresholds: slice = slice(None), most: int = MOST
) -> tuple[Detections, Truths]:
    column = list(AREAS).index(area)
    order = np.argsort(-matches.score, kind="stable")
    order = order[matches.rank[order] < most]
    detections = Detections(
        matches.category[order],
        matches.video[order],
        matches.hits[order, column, thresholds],
        matches.ignored[order, column, thresholds],
    )
    counted = matches.truth_counted[:, column]
    return detections, Truths(matches.truth_category[counted], matches.truth_video[counted])
