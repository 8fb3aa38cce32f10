"""Result files of motion prediction: metrics, and beside them the predictions (``instmove.metrics.result_files``)."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from instmove.masks import Rle
from instmove.metrics.bootstrap import DRAWS, estimate
from instmove.metrics.motion import MotionResult
from instmove.metrics.motion_statistics import STATISTICS
from instmove.metrics.result_files import (
    bootstrap_record,
    load_arrays,
    metric_record,
    samples_path,
    save_arrays,
    write_result,
)


def write_motion_metrics(path: Path, origin: Mapping[str, Any], result: MotionResult, draws: int = DRAWS) -> None:
    """Write the metrics of motion prediction to ``path`` and the predictions beside it.

    ``origin`` has the keys ORIGIN_KEYS; the bootstrap's seed is 0 for every result, so that draws are paired.
    """
    metrics = {name: estimate(result, statistic, draws) for name, statistic in STATISTICS.items()}
    gaps = int(result.after_gap.sum())
    sizes = {"iou_after_gap": gaps, "iou_continuous": len(result.iou) - gaps}
    save_samples(samples_path(path), result)
    write_result(
        path,
        origin,
        {name: metric_record(metric, sizes.get(name, len(result.iou))) for name, metric in metrics.items()}
        | {"samples_dropped": {"value": result.dropped, "unit": "count"}},
        {
            name: {"iou": {"value": float(ious.mean()), "n": len(ious), "unit": "fraction"}}
            for number, name in enumerate(result.videos)
            if (ious := result.iou[result.video == number]).size
        },
        scorer=__name__,
        bootstrap=bootstrap_record(result, draws),
    )


def save_samples(path: Path, result: MotionResult) -> None:
    """Save all of a result of motion prediction; equal results are equal bytes."""
    arrays = {field.name: getattr(result, field.name) for field in fields(result) if field.name != "predictions"}
    arrays["prediction_counts"] = np.array([rle["counts"] for rle in result.predictions])
    arrays["prediction_sizes"] = np.array([rle["size"] for rle in result.predictions])
    save_arrays(path, arrays)


def load_samples(path: Path) -> MotionResult:
    """Load what :func:`save_samples` wrote; a missing or foreign file is an error that names it."""
    return load_arrays(path, _motion_result)


def _motion_result(arrays: dict[str, Any]) -> MotionResult:
    sizes, counts = arrays.pop("prediction_sizes").tolist(), arrays.pop("prediction_counts").tolist()
    predictions = tuple(Rle(size=size, counts=text) for size, text in zip(sizes, counts, strict=True))
    videos, dropped = tuple(arrays.pop("videos").tolist()), int(arrays.pop("dropped"))
    return MotionResult(videos=videos, dropped=dropped, predictions=predictions, **arrays)
