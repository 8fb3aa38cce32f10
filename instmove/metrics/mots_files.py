"""Metrics files of multi-object tracking and segmentation (see ``instmove.metrics.result_files``)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from instmove.metrics.bdd100k_results import rle_files, write_archive
from instmove.metrics.bootstrap import DRAWS, Estimate, estimate
from instmove.metrics.hota import hota
from instmove.metrics.mots import evaluate_video, rates
from instmove.metrics.mots_result import COUNTED, SIZES, STATISTICS, SUBSETS, MotsResult, pool, result_of
from instmove.metrics.result_files import (
    bootstrap_record,
    load_fields,
    samples_path,
    save_fields,
    submission_path,
    write_result,
)
from instmove.video import Track, Video

Results = Iterable[tuple[Video, Sequence[Track]]]
Records = dict[str, dict[str, Any]]


def score_mots(
    path: Path, origin: Mapping[str, Any], results: Results, categories: Sequence[int], draws: int = DRAWS
) -> None:
    """Score videos as they come; write the metrics JSON and, beside it, the tracks and the counts behind the metrics.

    HOTA and single categories (``IDF1_category_3``) have no intervals. Withheld truth is an error.
    """
    pairs: dict[str, tuple[Video, Sequence[Track]]] = {}
    parts: list[MotsResult] = []

    def scored() -> Iterator[tuple[Video, Sequence[Track]]]:
        for video, tracks in results:
            parts.append(result_of(video, evaluate_video(video, tracks, categories)))
            pairs[video.name] = video, tracks
            yield video, tracks

    write_archive(submission_path(path), rle_files(scored()))
    result = pool(parts)
    save_result(samples_path(path), result)
    extra = {name: _record(value / 100) for name, value in hota(pairs, categories).items()}
    metrics = _estimates(result, draws) | extra | _by_category(result, categories)
    write_result(path, origin, metrics, _by_video(result), __name__, bootstrap=bootstrap_record(result, draws))


def save_result(path: Path, result: MotsResult) -> None:
    """Save all of a result; equal results are equal bytes."""
    save_fields(path, result)


def load_result(path: Path) -> MotsResult:
    """Load what :func:`save_result` wrote; a missing or foreign file is an error that names it."""
    return load_fields(path, MotsResult)


def _estimates(result: MotsResult, draws: int) -> Records:
    once = np.ones((1, len(result.videos)), dtype=np.int64)
    found: Records = {}
    for name, statistic in STATISTICS.items():
        given = Estimate(float(statistic(result, once)[0])) if name in SIZES else estimate(result, statistic, draws)
        unit = "count" if name in COUNTED else "fraction"
        objects = STATISTICS[f"objects{_subset(name)}"](result, once)[0]
        found[name] = asdict(given) | {"n": int(objects), "unit": unit}
    return found


def _subset(name: str) -> str:
    """The ending of a metric's name that says of which objects it is."""
    return next((ending for ending in SUBSETS if ending and name.endswith(ending)), "")


def _by_category(result: MotsResult, categories: Sequence[int]) -> Records:
    counts = result.counts.sum(axis=0)
    owners = result.object_category[result.switch_object]
    found: Records = {}
    for place, category in enumerate(categories):
        values = {name.upper(): _record(float(value) / 100) for name, value in rates(counts[place]).items()}
        values["IDSW"] = {"value": int((owners == category).sum()), "unit": "count"}
        values["objects"] = {"value": int((result.object_category == category).sum()), "unit": "count"}
        found |= {f"{name}_category_{category}": record for name, record in values.items()}
    return found


def _by_video(result: MotsResult) -> dict[str, Records]:
    found: dict[str, Records] = {}
    for name, each in zip(result.videos, np.eye(len(result.videos), dtype=np.int64)[:, None], strict=True):
        values = {metric: float(STATISTICS[metric](result, each)[0]) for metric in ("MOTA", "IDF1", "IDSW", "objects")}
        found[name] = {
            metric: {"value": int(value), "unit": "count"} if metric in COUNTED else _record(value)
            for metric, value in values.items()
        }
    return found


def _record(value: float) -> dict[str, Any]:
    return {"value": value if np.isfinite(value) else None, "unit": "fraction"}
