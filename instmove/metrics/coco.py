"""pycocotools' evaluation of masks in images, from arrays in place of files."""

import contextlib
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from instmove.masks import BoolArray, Rle, area
from instmove.metrics import accumulation
from instmove.metrics.accumulation import Detections, Truths

THRESHOLDS = np.linspace(0.5, 0.95, 10)
"""Must equal pycocotools cocoeval.py, Params.setDetParams: iouThrs."""

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Annotations:
    """N masks in images: truths, or detections with their scores."""

    image: IntArray
    category: IntArray
    rles: Sequence[Rle]
    score: FloatArray | None = None
    crowd: BoolArray | None = None
    """True for regions in which detections are neither true nor false."""


def match(
    images: IntArray, categories: IntArray, scores: FloatArray, predictions: Sequence[Rle], truths: Sequence[Rle]
) -> BoolArray:
    """Which detections COCOeval counts as true positives at each of the ten IoU thresholds, shape (N, 10).

    Detection i and ground truth i lie in the same image and have the same category, but either may be matched to
    another's. Of detections with equal scores in an image, the earlier one is matched first.
    """
    evaluation = evaluate(Annotations(images, categories, truths), Annotations(images, categories, predictions, scores))
    hits = np.zeros((len(images), len(THRESHOLDS)), dtype=bool)
    for image in evaluation.evalImgs:
        if image is not None:
            hits[np.array(image["dtIds"]) - 1] = image["dtMatches"].T > 0
    return hits


def average_precision(hits: BoolArray, categories: IntArray, groups: IntArray, weights: IntArray) -> FloatArray:
    """AP for each weighting (draws, groups) of the groups (videos), shape (draws,); NaN where no truth is left.

    ``hits`` (N, 10), ``categories`` and ``groups`` (N,) list what :func:`match` was given, by falling score.
    """
    detections = Detections(categories, groups, hits, ignored=np.zeros_like(hits))
    return accumulation.mean(accumulation.precisions(detections, Truths(categories, groups), weights))


def evaluate(truths: Annotations, detections: Annotations) -> Any:
    """A COCOeval that has matched: all areas, at most 100 detections an image and category.

    Images are those of either side; detections of a category without truths do not count, as COCO has it.
    """
    from pycocotools.cocoeval import COCOeval

    images = np.union1d(truths.image, detections.image).tolist()
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(_index(truths, images), _index(detections, images), "segm")
        evaluation.params.areaRng, evaluation.params.areaRngLbl = [[0, 1e10]], ["all"]
        evaluation.params.maxDets = [100]
        evaluation.evaluate()
    return evaluation


def _index(annotations: Annotations, images: Collection[int]) -> Any:
    """A pycocotools index; ids start at 1 because COCOeval reads a match with id 0 as none."""
    from pycocotools.coco import COCO

    count = len(annotations.rles)
    scores = np.ones(count) if annotations.score is None else annotations.score
    crowd = np.zeros(count, dtype=bool) if annotations.crowd is None else annotations.crowd
    index = COCO()
    index.dataset = {
        "images": [{"id": image, "height": 0, "width": 0} for image in images],  # sizes matter for polygons only
        "categories": [{"id": int(category)} for category in np.unique(annotations.category)],
        "annotations": [
            {
                "id": number + 1,
                "image_id": int(annotations.image[number]),
                "category_id": int(annotations.category[number]),
                "score": float(scores[number]),
                "segmentation": rle,
                "area": area(rle),
                "iscrowd": int(crowd[number]),
            }
            for number, rle in enumerate(annotations.rles)
        ],
    }
    index.createIndex()
    return index
