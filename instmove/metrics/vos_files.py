"""Result files of video object segmentation: metrics, and beside them what every object scored in every frame."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from instmove.metrics.bootstrap import DRAWS, estimate
from instmove.metrics.result_files import (
    bootstrap_record,
    load_fields,
    metric_record,
    samples_path,
    save_fields,
    write_result,
)
from instmove.metrics.vos import Protocol
from instmove.metrics.vos_result import STATISTICS, VosResult


def write_vos_metrics(
    path: Path, origin: Mapping[str, Any], result: VosResult, protocol: Protocol, draws: int = DRAWS
) -> None:
    """Write the metrics JSON with intervals over objects, J and F of every object, and the scores behind them.

    ``origin`` has the keys ORIGIN_KEYS of ``instmove.metrics.result_files``.
    """
    save_objects(samples_path(path), result)
    sizes = {"seen": int(result.seen.sum()), "unseen": int((~result.seen).sum())}
    metrics = {
        name: metric_record(estimate(result, statistic, draws), sizes.get(name.rpartition("_")[2], len(result.videos)))
        for name, statistic in STATISTICS[protocol].items()
    }
    objects = {
        name: {
            measure: {"value": float(value), "unit": "fraction"}
            for measure, value in (("j_and_f", (j + f) / 2), ("j_mean", j), ("f_mean", f))
        }
        for name, j, f in zip(result.videos, result.j[:, 0], result.f[:, 0], strict=True)
    }
    write_result(path, origin, metrics, objects, __name__, bootstrap=bootstrap_record(result, draws, unit="object"))


def save_objects(path: Path, result: VosResult) -> None:
    """Save what every object scored; equal results are equal bytes."""
    save_fields(path, result)


def load_objects(path: Path) -> VosResult:
    """Load what :func:`save_objects` wrote; a missing or foreign file is an error that names it."""
    return load_fields(path, VosResult)
