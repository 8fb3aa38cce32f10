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
BLOCK = 64
"""Detections worked on at once: with a thousand draws a block is 512 kB and stays in the processor's cache."""

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
        weight = by_group[groups[rows]]
        detections = _running(np.add, weight.copy())
        for hit in hits[rows].T:
            total += _precision(np.flatnonzero(hit), weight, detections)
        present += detections[-1] > 0
    return np.divide(total, len(THRESHOLDS) * present, out=np.full(len(weights), np.nan), where=present > 0)


def _precision(positions: IntArray, weights: FloatArray, detections: FloatArray) -> FloatArray:
    """Interpolated precision, mean over the recalls, for one category and threshold, shape (draws,).

    The detections at ``positions`` are true; ``weights`` and ``detections`` (D, draws) are the weight of each
    detection and of all up to it. Only true ones are visited: of the positions that reach a recall, the most precise
    is one of them. They are visited from the last block back, as the envelope is a maximum over what follows.
    """
    truths = np.maximum(detections[-1], 1)
    found = weights[positions].sum(axis=0)
    best, total = np.zeros_like(truths), np.zeros_like(truths)
    for end in range(len(positions), 0, -BLOCK):
        at = positions[max(0, end - BLOCK) : end]
        counts = weights[at]
        before = found - counts.sum(axis=0)
        counts[0] += before
        precision = _running(np.add, counts) / (detections[at] + np.spacing(1))
        np.maximum(precision[-1], best, out=precision[-1])
        _running(np.maximum, precision[::-1])
        steps = np.diff(_reached(counts / truths), axis=0, prepend=_reached(before / truths)[None])
        total += np.einsum("ij,ij->j", precision, steps)
        found, best = before, precision[0]
    return (best + total) / len(RECALLS)


def _reached(recall: FloatArray) -> FloatArray:
    """How many of the RECALLS are at most ``recall``; the comparison settles equality, to the last bit as COCO does."""
    below = np.floor(recall * 100 + 1e-9)
    return below + (below * 0.01 <= recall)


def _running(ufunc: np.ufunc, rows: FloatArray) -> FloatArray:
    """``ufunc`` accumulated down the first axis, in place; row by row it is ten times as fast as ``accumulate``."""
    for above, row in itertools.pairwise(rows):
        ufunc(above, row, out=row)
    return rows
