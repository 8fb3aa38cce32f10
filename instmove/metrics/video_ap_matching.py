"""Which predicted track is which true one, by their IoU over a whole video (see ``instmove.metrics.video_ap``)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from instmove.masks import BoolArray, Rle
from instmove.metrics.coco import THRESHOLDS
from instmove.metrics.video_ap import AREAS, MOST, TrackPrediction, VideoMatches
from instmove.video import Video

LEVELS = np.minimum(THRESHOLDS, 1 - 1e-10)
"""Least IoU of a match. Must equal ytvoseval.py:264-342 (evaluateVid)."""
AT_ONCE = 255
"""pycocotools 2.0.11 counts the masks that it measures in a byte and raises an OverflowError beyond."""

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


def match_video(video: Video, predictions: Sequence[TrackPrediction]) -> VideoMatches:
    """Match the predictions of a video with its tracks, category by category, for all areas and thresholds.

    Of predictions with equal scores the earlier one comes first. A video without ground truth is an error.
    """
    found, rank = _best(predictions)
    given = measure(video, [prediction.masks for prediction in found])
    true = measure(video, [track.masks for track in video.true_tracks])
    category = np.array([prediction.category for prediction in found], dtype=np.int64)
    truth_category = np.array([track.category for track in video.true_tracks], dtype=np.int64)
    crowd = np.array([track.ignored for track in video.true_tracks], dtype=bool)
    counted = true.in_areas() & ~crowd[:, None]
    matched = np.full((len(found), len(AREAS), len(LEVELS)), -1)
    for each in np.intersect1d(category, truth_category):
        rows, columns = np.flatnonzero(category == each), np.flatnonzero(truth_category == each)
        iou = track_iou(given.select(rows), true.select(columns))
        taken = _assign(iou, counted[columns], crowd[columns])
        matched[rows] = np.where(taken >= 0, columns[taken], -1)
    nobody = np.zeros((1, len(AREAS)), dtype=bool)  # row -1 stands for no match
    hits = np.concatenate([counted, nobody])[matched, np.arange(len(AREAS))[:, None]]
    return VideoMatches(
        videos=(video.name,),
        video=np.zeros(len(found), dtype=np.int64),
        category=category,
        rank=rank,
        score=np.array([prediction.score for prediction in found], dtype=np.float64),
        hits=hits,
        ignored=np.where(matched >= 0, ~hits, ~given.in_areas()[:, :, None]),
        truth_video=np.zeros(len(video.true_tracks), dtype=np.int64),
        truth_category=truth_category,
        truth_counted=counted,
    )


def _best(predictions: Sequence[TrackPrediction]) -> tuple[list[TrackPrediction], IntArray]:
    """The best of each category, by category and falling score, and their ranks."""
    ordered = sorted(predictions, key=lambda prediction: (prediction.category, -prediction.score))
    groups = [list(group)[:MOST] for _, group in groupby(ordered, key=lambda prediction: prediction.category)]
    rank = np.concatenate([np.arange(0), *(np.arange(len(group)) for group in groups)])
    return [prediction for group in groups for prediction in group], rank


@dataclass(frozen=True)
class Tracks:
    """N tracks over the F frames of a video."""

    masks: tuple[tuple[Rle, ...], ...]
    """(N, F); an empty mask where a track has none."""
    areas: FloatArray
    """(N, F)."""

    def select(self, rows: IntArray) -> "Tracks":
        """These tracks, in this order."""
        return Tracks(tuple(self.masks[row] for row in rows), self.areas[rows])

    def in_areas(self) -> BoolArray:
        """Whether the mean area over the frames with a mask is in each of AREAS, (N, A). As ytvoseval.py:90-101."""
        mean = self.areas.sum(axis=1) / np.maximum((self.areas > 0).sum(axis=1), 1)
        low, high = np.array(list(AREAS.values())).T
        return (low <= mean[:, None]) & (mean[:, None] <= high)


def measure(video: Video, tracks: Sequence[Sequence[Rle | None]]) -> Tracks:
    """Tracks of a video with their areas."""
    height, width = video.height, video.width
    nothing = coco.frPyObjects({"size": [height, width], "counts": [height * width]}, height, width)
    filled = tuple(tuple(nothing if rle is None else rle for rle in track) for track in tracks)
    flat = [rle for track in filled for rle in track]
    areas = [area for start in range(0, len(flat), AT_ONCE) for area in coco.area(flat[start : start + AT_ONCE])]
    return Tracks(filled, np.array(areas, dtype=np.float64).reshape(len(filled), len(video)))


def track_iou(given: Tracks, true: Tracks) -> FloatArray:
    """IoU of whole tracks, (N given, N true); empty against empty is 0. As ytvoseval.py:173-219."""
    crowd = [True] * len(true.masks)  # makes pycocotools divide the intersection by the area of the first mask
    frames = zip(zip(*given.masks, strict=True), zip(*true.masks, strict=True), strict=True)
    shares = np.array([coco.iou(list(ours), list(theirs), crowd) for ours, theirs in frames])
    intersection = np.rint(shares * given.areas.T[:, :, None]).sum(axis=0)
    union = given.areas.sum(axis=1)[:, None] + true.areas.sum(axis=1) - intersection
    return np.divide(intersection, union, out=np.zeros_like(union), where=union > 0)


def _assign(iou: FloatArray, counted: BoolArray, crowd: BoolArray) -> IntArray:
    """Which truth each prediction takes in every area and at every level, (D, A, T); -1 for none.

    Predictions choose in their order: a truth that counts before one that does not, then the highest IoU, then the
    later one. A truth can be taken once, a crowd any number of times.
    """
    free = np.ones((counted.shape[1], len(LEVELS), len(crowd)), dtype=bool)
    order = np.argsort(np.argsort(iou, axis=1, kind="stable"), axis=1)
    matched = np.full((len(iou), *free.shape[:2]), -1)
    for row, overlap in enumerate(iou):
        wish = order[row] + len(crowd) * counted.T[:, None, :]
        wish = np.where(free & (overlap >= LEVELS[:, None]), wish, -1)
        choice = wish.argmax(axis=2)
        matched[row] = np.where(wish.max(axis=2) >= 0, choice, -1)
        area, level = np.nonzero(matched[row] >= 0)
        free[area, level, choice[area, level]] = crowd[choice[area, level]]
    return matched
