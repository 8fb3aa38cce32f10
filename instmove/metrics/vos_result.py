"""What a method came to on a benchmark of video object segmentation, and its metrics for any weighting of the objects.

The objects are what is drawn for intervals: the benchmarks average over objects.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instmove.masks import BoolArray
from instmove.metrics.bootstrap import FloatArray, IntArray, Statistic, same_in
from instmove.metrics.vos import ObjectScores, Protocol, summarise


@dataclass(frozen=True)
class VosResult:
    """J and F of N objects, each in its own M_n frames, M in all."""

    videos: tuple[str, ...]
    """``<sequence>/<object>``: what the bootstrap draws."""
    seen: BoolArray
    """(N,) whether training has the object's category."""
    j: FloatArray
    """(N, 3): mean, recall and decay."""
    f: FloatArray
    object: IntArray
    """(M,) index into the objects; ``frame``, ``frame_j`` and ``frame_f`` (M,) belong to it."""
    frame: IntArray
    frame_j: FloatArray
    frame_f: FloatArray

    def same_samples(self, other: "VosResult") -> bool:
        """Whether both scored the same objects in the same frames."""
        return same_in(self, other, "frame")


def vos_result(objects: Iterable[ObjectScores], seen: frozenset[int] = frozenset()) -> VosResult:
    """Gather the scores of objects; ``seen`` are the categories that training has."""
    scored = list(objects)
    return VosResult(
        videos=tuple(f"{o.sequence}/{o.object}" for o in scored),
        seen=np.array([o.category in seen for o in scored], dtype=bool),
        j=_summaries([o.j for o in scored]),
        f=_summaries([o.f for o in scored]),
        object=np.repeat(np.arange(len(scored)), [len(o.frames) for o in scored]),
        frame=_joined([np.array(o.frames, dtype=np.int64) for o in scored], np.int64),
        frame_j=_joined([o.j for o in scored], np.float64),
        frame_f=_joined([o.f for o in scored], np.float64),
    )


def _summaries(values: list[FloatArray]) -> FloatArray:
    parts = [summarise(each) for each in values]
    return np.array([[part.mean, part.recall, part.decay] for part in parts], dtype=np.float64).reshape(-1, 3)


def _joined(parts: list[NDArray[np.generic]], kind: type) -> NDArray:
    return np.concatenate([np.zeros(0, dtype=kind), *parts])


def _mean(values: FloatArray, weights: IntArray, chosen: BoolArray | None = None) -> FloatArray:
    """Weighted means (draws,) over the objects (the ``chosen`` ones); NaN where none is left."""
    each = weights if chosen is None else weights * chosen
    count = each.sum(axis=1)
    return np.divide(each @ values, count, out=np.full(len(weights), np.nan), where=count > 0)


def _part(measure: str, column: int) -> Statistic[VosResult]:
    return lambda result, weights: _mean(getattr(result, measure)[:, column], weights)


def _group(measure: str, seen: bool) -> Statistic[VosResult]:
    return lambda result, weights: _mean(getattr(result, measure)[:, 0], weights, result.seen == seen)


def _j_and_f(result: VosResult, weights: IntArray) -> FloatArray:
    return (_mean(result.j[:, 0], weights) + _mean(result.f[:, 0], weights)) / 2


def _g(result: VosResult, weights: IntArray) -> FloatArray:
    """Mean of the four others (the challenge's rule, youtube-vos.org)."""
    return np.mean([statistic(result, weights) for statistic in _GROUPS.values()], axis=0)


_GROUPS = {
    f"{measure}_{name}": _group(measure, seen) for measure in "jf" for name, seen in (("seen", True), ("unseen", False))
}
_DAVIS = {
    f"{measure}_{name}": _part(measure, column)
    for measure in "jf"
    for column, name in enumerate(("mean", "recall", "decay"))
}
STATISTICS: dict[Protocol, dict[str, Statistic[VosResult]]] = {
    "davis": {"j_and_f": _j_and_f, **_DAVIS},
    "ytvos": {"g": _g, **_GROUPS},
}
"""The metrics of each protocol by the names they have in result files.

DAVIS: J&F, and J and F mean, recall and decay (davis2017-evaluation@ac7c43f evaluation_method.py:41-46). YouTube-VOS:
means of J and F over objects of seen and of unseen categories, and G, their mean.
"""
