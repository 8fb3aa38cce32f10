"""COCO-style average precision and recall of matched detections, for many weightings of the images or videos at once.

pycocotools accumulates for one weighting, and an interval needs a thousand; with all weights one both agree. A weight
counts how often a group (an image, a video) takes part: the result equals pycocotools' on data in which every
detection and truth of the group stands that many times in a row.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instmove.masks import BoolArray

RECALLS = np.linspace(0.0, 1.0, 101)
"""Must equal pycocotools cocoeval.py, Params.setDetParams: recThrs (YTVOSeval has the same, ytvoseval.py:531-562)."""
BLOCK = 64
"""Detections worked on at once: with a thousand draws a block is 512 kB and stays in the processor's cache."""

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Detections:
    """N detections by falling score, with what each is at T IoU thresholds; ``group`` counts from 0."""

    category: IntArray
    group: IntArray
    hits: BoolArray
    """(N, T): true positives."""
    ignored: BoolArray
    """(N, T): neither true nor false, and never a hit."""

    def select(self, rows: BoolArray) -> "Detections":
        """These detections, in the same order."""
        return Detections(self.category[rows], self.group[rows], self.hits[rows], self.ignored[rows])


@dataclass(frozen=True)
class Truths:
    """M objects to be found."""

    category: IntArray
    group: IntArray


def precisions(detections: Detections, truths: Truths, weights: IntArray) -> FloatArray:
    """Precision, mean over the 101 recalls, for each category of the truths, threshold and weighting.

    ``weights`` is (draws, groups); the result (C, T, draws), NaN where a draw has no truth of the category.
    """
    by_group = np.ascontiguousarray(weights.T, dtype=np.float64)
    made = []
    for category, present in _present(truths, by_group):
        rows = detections.category == category
        weight = by_group[detections.group[rows]]
        found = _category_precisions(detections.hits[rows], detections.ignored[rows], weight, np.maximum(present, 1))
        made.append(np.where(present > 0, found, np.nan))
    return _stacked(made, detections, weights)


def recalls(detections: Detections, truths: Truths, weights: IntArray) -> FloatArray:
    """Share of the truths that are found at all; shape and NaN as in :func:`precisions`."""
    by_group = np.ascontiguousarray(weights.T, dtype=np.float64)
    made = []
    for category, present in _present(truths, by_group):
        rows = detections.category == category
        found = detections.hits[rows].T.astype(np.float64) @ by_group[detections.group[rows]]
        made.append(np.divide(found, present, out=np.full_like(found, np.nan), where=present > 0))
    return _stacked(made, detections, weights)


def mean(values: FloatArray) -> FloatArray:
    """Mean over categories and thresholds, without the categories that a draw lacks: (C, T, draws) to (draws,)."""
    present = ~np.isnan(values)
    total = np.where(present, values, 0).sum(axis=(0, 1))
    count = present.sum(axis=(0, 1))
    return np.divide(total, count, out=np.full(len(total), np.nan), where=count > 0)


def _present(truths: Truths, by_group: FloatArray) -> Iterator[tuple[int, FloatArray]]:
    """Each category of the truths in order, with how many of them every draw has."""
    for category in np.unique(truths.category):
        count = np.bincount(truths.group[truths.category == category], minlength=len(by_group))
        yield int(category), count @ by_group


def _stacked(made: list[FloatArray], detections: Detections, weights: IntArray) -> FloatArray:
    return np.array(made).reshape(len(made), detections.hits.shape[1], len(weights))


def _category_precisions(hits: BoolArray, ignored: BoolArray, weight: FloatArray, truths: FloatArray) -> FloatArray:
    """Precision (T, draws) of one category; ``weight`` (D, draws). Most thresholds ignore the same detections."""
    made = np.zeros((hits.shape[1], len(truths)))
    patterns, which = np.unique(ignored, axis=1, return_inverse=True)
    for number, pattern in enumerate(patterns.T):
        counted = _running(np.add, np.where(pattern[:, None], 0, weight))
        for threshold in np.flatnonzero(which == number):
            made[threshold] = _precision(np.flatnonzero(hits[:, threshold]), weight, counted, truths)
    return made


def _precision(positions: IntArray, weights: FloatArray, detections: FloatArray, truths: FloatArray) -> FloatArray:
    """Interpolated precision, mean over the recalls, for one category and threshold, shape (draws,).

    The detections at ``positions`` are true; ``weights`` and ``detections`` (D, draws) are the weight of each
    detection and of all up to it. Only true ones are visited: of the positions that reach a recall, the most precise
    is one of them. They are visited from the last block back, as the envelope is a maximum over what follows.
    """
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
