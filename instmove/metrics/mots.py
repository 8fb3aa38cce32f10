"""Multi-object tracking and segmentation as BDD100K scores it: motmetrics on mask distances, class by class.

Equals scalabel@071d073 scalabel/eval/mots.py and bdd100k@9ac17c6 bdd100k/eval/mots.py. Everything is kept as counts of
one video and one class, which add up, so that classes, subsets and bootstrap draws are sums of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from instmove import masks
from instmove.errors import InstMoveError
from instmove.masks import Rle
from instmove.video import Track, Video

if TYPE_CHECKING:
    from motmetrics import MOTAccumulator

MATCH_IOU = 0.5
"""Smallest IoU of a match (scalabel/eval/mots.py:49-132)."""
IGNORE_IOF = 0.5
"""A prediction without a match goes if more than this share of it lies in one ignored region.

scalabel/eval/mots.py:49-132, bdd100k/eval/mots.py:37-103.
"""
COUNTS = {
    "objects": "num_objects",
    "predictions": "num_predictions",
    "matches": "num_detections",
    "idtp": "idtp",
    "fp": "num_false_positives",
    "fn": "num_misses",
    "idsw": "num_switches",
    "mt": "mostly_tracked",
    "pt": "partially_tracked",
    "ml": "mostly_lost",
    "fm": "num_fragmentations",
}
"""Our names of motmetrics' counts; ``distance``, the sum over all matches, follows as the last column."""
COLUMNS = (*COUNTS, "distance")
_PLACE = {name: column for column, name in enumerate(COLUMNS)}

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Switch:
    """An object that a track of another id takes over: in which frame, and how many frames after its last match."""

    object: int
    frame: int
    gap: int


@dataclass(frozen=True)
class MotsVideo:
    """What one video contributes: counts (categories, len(COLUMNS)) and every identity switch."""

    name: str
    counts: Array
    switches: tuple[Switch, ...]


@dataclass(frozen=True)
class Seen:
    """Objects of one frame: id, category and mask of each."""

    ids: list[int]
    categories: list[int]
    rles: list[Rle]

    def of(self, category: int) -> tuple[list[int], list[Rle]]:
        """Ids and masks of one category."""
        rows = [n for n, found in enumerate(self.categories) if found == category]
        return [self.ids[n] for n in rows], [self.rles[n] for n in rows]


def evaluate_video(
    truth: Video,
    predicted: Sequence[Track],
    categories: Sequence[int],
    match_iou: float = MATCH_IOU,
    ignore_iof: float = IGNORE_IOF,
) -> MotsVideo:
    """Score the tracks of one video; an object whose class changes is one track a class, under the same id.

    Predictions of a frame must not overlap and an id occurs in a frame once (else an error): a bitmask could not
    hold them.
    """
    from motmetrics import MOTAccumulator

    accumulators = {category: MOTAccumulator() for category in categories}
    for t in range(len(truth)):
        objects = seen_in(truth.objects, t)
        ignored = seen_in([track for track in truth.true_tracks if track.ignored], t)
        found = seen_in(predicted, t)
        require_disjoint(found, f"{truth.name}, frame {t}")
        for category, accumulator in accumulators.items():
            ids, rles = objects.of(category)
            names, candidates = found.of(category)
            distances = _distances(rles, candidates, match_iou)
            kept = _not_ignored(distances, candidates, ignored.rles, ignore_iof)
            if ids or len(kept):
                accumulator.update(ids, [names[n] for n in kept], distances[:, kept], frameid=t)
    counts = np.array([_counts(accumulator) for accumulator in accumulators.values()])
    switches = [switch for accumulator in accumulators.values() for switch in _switches(accumulator)]
    return MotsVideo(truth.name, counts, tuple(sorted(switches, key=lambda s: (s.frame, s.object))))


def seen_in(tracks: Sequence[Track], frame: int) -> Seen:
    """What has pixels in a frame."""
    shown = [(track, rle) for track in tracks if (rle := track.masks[frame]) is not None and masks.area(rle) > 0]
    return Seen([track.id for track, _ in shown], [track.category for track, _ in shown], [rle for _, rle in shown])


def require_disjoint(found: Seen, where: str) -> None:
    """Raise an error unless every id occurs once and no two masks overlap."""
    if len(set(found.ids)) < len(found.ids):
        twice = next(number for number in found.ids if found.ids.count(number) > 1)
        raise InstMoveError(f"{where}: track {twice} occurs twice in the result; an id is one object")
    if not found.rles:
        return
    covered, total = coco.area(coco.merge(list(found.rles))), sum(masks.area(rle) for rle in found.rles)
    if covered < total:
        raise InstMoveError(f"{where}: masks of the result overlap; give each pixel to the higher score")


def _distances(truths: Sequence[Rle], candidates: Sequence[Rle], match_iou: float) -> Array:
    """1 - IoU, NaN where a match is not allowed; IoU of exactly ``match_iou`` is."""
    distances = 1 - masks.rle_iou(truths, candidates)
    return np.where(distances > 1 - match_iou, np.nan, distances)


def _not_ignored(
    distances: Array, candidates: Sequence[Rle], regions: Sequence[Rle], ignore_iof: float
) -> NDArray[np.int64]:
    """Columns of candidates that count: matched ones, and those that do not lie in an ignored region."""
    rows = np.arange(len(candidates))
    if not regions or not candidates:
        return rows
    from motmetrics.lap import linear_sum_assignment

    inside = coco.iou(list(candidates), list(regions), [True] * len(regions)).max(axis=1) > ignore_iof
    if len(distances):
        inside[linear_sum_assignment(distances)[1]] = False
    return rows[~inside]


def _counts(accumulator: "MOTAccumulator") -> list[float]:
    from motmetrics import metrics

    events = accumulator.mot_events
    if not len(events):
        return [0.0] * len(COLUMNS)
    row = metrics.create().compute(accumulator, metrics=list(COUNTS.values()), return_dataframe=False)
    matched = events.Type.isin(["MATCH", "SWITCH"])
    return [float(row[name]) for name in COUNTS.values()] + [float(events.D[matched].sum())]


def _switches(accumulator: "MOTAccumulator") -> Iterator[Switch]:
    events: Any = accumulator.mot_events
    matched = events[events.Type.isin(["MATCH", "SWITCH"])]
    last: dict[int, int] = {}
    for (frame, _), kind, number in zip(matched.index, matched.Type, matched.OId, strict=True):
        if kind == "SWITCH":
            yield Switch(int(number), int(frame), int(frame) - last[int(number)])
        last[int(number)] = int(frame)


def rates(counts: Array) -> dict[str, Array]:
    """MOTA, MOTP and IDF1 in per cent from counts (..., len(COLUMNS)); NaN or infinite where there is nothing."""
    part = {name: counts[..., column] for name, column in _PLACE.items()}
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "mota": 100 * (1 - (part["fn"] + part["idsw"] + part["fp"]) / part["objects"]),
            "motp": 100 * (1 - part["distance"] / part["matches"]),
            "idf1": 100 * 2 * part["idtp"] / (part["objects"] + part["predictions"]),
        }


def summary(counts: Array) -> dict[str, Array]:
    """The numbers of the paper's Table 4 and the rest of the official summary, from counts (..., categories, columns).

    mMOTSA, mMOTSP and mIDF1 are means over all categories, a category without a finite value counting 0
    (scalabel/eval/mot.py:260-281); what has no ``m`` is pooled over categories (result.py:140-168).
    """
    single, pooled = rates(counts), rates(counts.sum(axis=-2))
    names = {"mota": "mMOTSA", "motp": "mMOTSP", "idf1": "mIDF1"}
    averages = {names[name]: np.where(np.isfinite(values), values, 0).mean(axis=-1) for name, values in single.items()}
    overall = {name.upper(): values for name, values in pooled.items()}
    totals = {
        name.upper(): counts[..., _PLACE[name]].sum(axis=-1) for name in ("fp", "fn", "idsw", "mt", "pt", "ml", "fm")
    }
    return {**averages, **overall, **totals}
