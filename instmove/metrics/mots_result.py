"""What a result of multi-object tracking and segmentation came to: counts and switches, from which metrics are made.

Counts of videos add up, so that an interval costs no more than weighted sums. Table 5's subsets are of objects: each
switch belongs to the object that it happens to, so the subsets of one evaluation sum to its total.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import partial

import numpy as np
from numpy.typing import NDArray

from instmove.datasets.occlusion import returning
from instmove.masks import BoolArray
from instmove.metrics.bootstrap import Statistic, same_in
from instmove.metrics.mots import MotsVideo, summary
from instmove.video import Video

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class MotsResult:
    """V videos with C categories, M objects and S identity switches."""

    videos: tuple[str, ...]
    """Names; ``object_video`` are indices into them."""
    counts: FloatArray
    """(V, C, len(instmove.metrics.mots.COLUMNS))."""
    object_video: IntArray
    object_id: IntArray
    """(M,), of the objects that have to be found."""
    object_category: IntArray
    object_returns: BoolArray
    """(M,): whether the object is missing in a frame between its first and its last (Table 5's occlusion subset)."""
    switch_object: IntArray
    """(S,): row of the object that another track takes over."""
    switch_frame: IntArray
    switch_gap: IntArray
    """(S,): frames since the object's last match; 1 where it was matched in the frame before."""

    def same_samples(self, other: "MotsResult") -> bool:
        """Whether both results are of the same objects in the same videos."""
        return same_in(self, other, "object_video", "object_id", "object_category", "object_returns")


def result_of(truth: Video, scored: MotsVideo) -> MotsResult:
    """The result of one video."""
    objects = truth.objects
    hidden = returning(truth.true_tracks)
    row = {track.id: number for number, track in enumerate(objects)}
    return MotsResult(
        (truth.name,),
        scored.counts[None],
        np.zeros(len(objects), dtype=np.int64),
        np.array([track.id for track in objects], dtype=np.int64),
        np.array([track.category for track in objects], dtype=np.int64),
        np.array([track.id in hidden for track in objects], dtype=bool),
        np.array([row[switch.object] for switch in scored.switches], dtype=np.int64),
        np.array([switch.frame for switch in scored.switches], dtype=np.int64),
        np.array([switch.gap for switch in scored.switches], dtype=np.int64),
    )


def pool(parts: Iterable[MotsResult]) -> MotsResult:
    """Put the results of videos together."""
    listed = list(parts)
    arrays = {
        field.name: np.concatenate([getattr(part, field.name) for part in listed])
        for field in fields(MotsResult)
        if field.name != "videos"
    }
    for name, sizes in (
        ("object_video", [len(part.videos) for part in listed]),
        ("switch_object", [len(part.object_id) for part in listed]),
    ):
        starts = np.cumsum([0, *sizes])[:-1]
        arrays[name] = np.concatenate([getattr(part, name) + n for part, n in zip(listed, starts, strict=True)])
    return MotsResult(videos=tuple(name for part in listed for name in part.videos), **arrays)


def switches_of(result: MotsResult, objects: Sequence[bool] | BoolArray) -> IntArray:
    """Switches in each video of the chosen objects (M,) alone."""
    owners = result.switch_object[np.asarray(objects, dtype=bool)[result.switch_object]]
    return np.bincount(result.object_video[owners], minlength=len(result.videos))


def _summary(result: MotsResult, weights: IntArray, name: str, unit: float) -> FloatArray:
    values = summary(np.einsum("dv,vck->dck", weights, result.counts))[name] / unit
    return np.where(np.isfinite(values), values, np.nan)


def _subset(result: MotsResult, returning: bool | None) -> BoolArray:
    return np.ones(len(result.object_id), dtype=bool) if returning is None else result.object_returns == returning


def _objects(result: MotsResult, weights: IntArray, returning: bool | None) -> FloatArray:
    chosen = result.object_video[_subset(result, returning)]
    return (weights @ np.bincount(chosen, minlength=len(result.videos))).astype(np.float64)


def _switches(result: MotsResult, weights: IntArray, returning: bool | None) -> FloatArray:
    return (weights @ switches_of(result, _subset(result, returning))).astype(np.float64)


def _switches_per_object(result: MotsResult, weights: IntArray, returning: bool | None) -> FloatArray:
    objects, switches = _objects(result, weights, returning), _switches(result, weights, returning)
    return np.divide(switches, objects, out=np.full_like(switches, np.nan), where=objects > 0)


RATES = ("mMOTSA", "mMOTSP", "mIDF1", "MOTA", "MOTP", "IDF1")
TOTALS = ("FP", "FN", "MT", "PT", "ML", "FM")
SUBSETS: dict[str, bool | None] = {"": None, "_occlusion": True, "_continuous": False}
"""Of Table 5: endings of the metrics' names, and whether their objects disappear and return."""

SIZES = tuple(f"objects{ending}" for ending in SUBSETS)
"""What is given, not estimated."""
COUNTED: dict[str, Statistic[MotsResult]] = {
    **{name: partial(_summary, name=name, unit=1) for name in TOTALS},
    **{f"objects{ending}": partial(_objects, returning=returning) for ending, returning in SUBSETS.items()},
    **{f"IDSW{ending}": partial(_switches, returning=returning) for ending, returning in SUBSETS.items()},
}
STATISTICS: dict[str, Statistic[MotsResult]] = {
    **{name: partial(_summary, name=name, unit=100) for name in RATES},
    **{
        f"IDSW_per_object{ending}": partial(_switches_per_object, returning=returning)
        for ending, returning in SUBSETS.items()
    },
    **COUNTED,
}
"""Every metric by name: fractions, and counts."""
