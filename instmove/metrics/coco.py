"""COCO-style average precision where every detection comes with its own ground truth: matching and accumulation.

Matching is pycocotools'. Accumulation is done here because pycocotools does it for one weighting of the videos,
and an interval needs a thousand; with all weights one both agree.
"""

import contextlib
import io
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from instmove.masks import BoolArray, Rle, area

THRESHOLDS = np.linspace(0.5, 0.95, 10)
"""Must equal pycocotools cocoeval.py, Params.setDetParams: iouThrs."""
RECALLS = np.linspace(0.0, 1.0, 101)
"""Must equal pycocotools cocoeval.py, Params.setDetParams: recThrs."""
CACHED, LEAST_WIDTH = 1 << 17, 128
"""Elements of a (detections, draws) block that stays in the processor's cache, and the fewest draws worth a pass."""

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


def match(
    images: IntArray, categories: IntArray, scores: FloatArray, predictions: Sequence[Rle], truths: Sequence[Rle]
) -> BoolArray:
    """Which detections COCOeval counts as true positives at each of the ten IoU thresholds, shape (N, 10).

    Detection i and ground truth i lie in the same image and have the same category, but either may be matched to
    another's. Of detections with equal scores in an image, the earlier one is matched first.
    """
    evaluation = _evaluate(images, categories, scores, predictions, truths)
    hits = np.zeros((len(images), len(THRESHOLDS)), dtype=bool)
    for image in evaluation.evalImgs:
        if image is not None:
            hits[np.array(image["dtIds"]) - 1] = image["dtMatches"].T > 0
    return hits


def _evaluate(
    images: IntArray, categories: IntArray, scores: FloatArray, predictions: Sequence[Rle], truths: Sequence[Rle]
) -> Any:
    from pycocotools.cocoeval import COCOeval

    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(
            _index(images, categories, np.ones(len(images)), truths),
            _index(images, categories, scores, predictions),
            "segm",
        )
        evaluation.params.areaRng, evaluation.params.areaRngLbl = [[0, 1e10]], ["all"]
        evaluation.params.maxDets = [100]
        evaluation.evaluate()
    return evaluation


def _index(images: IntArray, categories: IntArray, scores: FloatArray, rles: Sequence[Rle]) -> Any:
    """A pycocotools index; ids start at 1 because COCOeval reads a match with id 0 as none."""
    from pycocotools.coco import COCO

    index = COCO()
    size = {int(image): rle["size"] for image, rle in zip(images, rles, strict=True)}
    index.dataset = {
        "images": [{"id": image, "height": height, "width": width} for image, (height, width) in size.items()],
        "categories": [{"id": int(category)} for category in np.unique(categories)],
        "annotations": [
            {
                "id": number + 1,
                "image_id": int(images[number]),
                "category_id": int(categories[number]),
                "score": float(scores[number]),
                "segmentation": rle,
                "area": area(rle),
                "iscrowd": 0,
            }
            for number, rle in enumerate(rles)
        ],
    }
    index.createIndex()
    return index


def average_precision(hits: BoolArray, categories: IntArray, groups: IntArray, weights: IntArray) -> FloatArray:
    """AP (mean over categories, ten IoU thresholds, 101 recalls) for each weighting of the groups, shape (draws,).

    ``hits`` (N, 10), ``categories`` and ``groups`` (N,) list the detections by falling score; ``weights`` (draws, G)
    counts how often each group (a video) takes part. Equal to pycocotools' accumulate() on data in which every
    detection and its truth stand ``weight`` times in a row. A category without truths is left out, as COCO does;
    without any, the AP is NaN.
    """
    by_group = np.ascontiguousarray(weights.T, dtype=np.float64)
    total, present = np.zeros(len(weights)), np.zeros(len(weights))
    for category in np.unique(categories):
        rows = np.flatnonzero(categories == category)
        step = max(LEAST_WIDTH, CACHED // len(rows))
        for start in range(0, len(weights), step):
            block = slice(start, start + step)
            precision, truths = _category_precision(hits[rows], by_group[groups[rows], block])
            total[block] += precision
            present[block] += truths > 0
    return np.divide(total, present, out=np.full(len(weights), np.nan), where=present > 0)


def _category_precision(hits: BoolArray, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    """AP of one category and its number of truths, from hits (D, 10) and detection weights (D, draws)."""
    detections = _running(np.add, weights.copy())
    precisions = [_precision(np.flatnonzero(hit), weights[hit], detections) for hit in hits.T]
    return np.mean(precisions, axis=0), detections[-1]


def _precision(positions: IntArray, weights: FloatArray, detections: FloatArray) -> FloatArray:
    """Interpolated precision, mean over the recalls, at one threshold: true positives at ``positions``, weighing
    ``weights`` (P, draws), among ``detections`` (D, draws) seen so far.

    Only true positives are visited: among the positions that reach a recall, the precision is highest at one.
    """
    found = _running(np.add, weights)
    precision = found / (detections[positions] + np.spacing(1))
    _running(np.maximum, precision[::-1])
    recall = found / np.maximum(detections[-1], 1)
    below = (recall * 100 + 1e-9).astype(np.intp)  # recalls are 1/100 apart; the comparison settles equality
    reached = below + (RECALLS[below] <= recall)
    return (precision * np.diff(reached, axis=0, prepend=0)).sum(axis=0) / len(RECALLS)


def _running(ufunc: np.ufunc, rows: FloatArray) -> FloatArray:
    """``ufunc`` accumulated down the first axis, in place; row by row it is ten times as fast as ``accumulate``."""
    for above, row in itertools.pairwise(rows):
        ufunc(above, row, out=row)
    return rows
