"""Result files: ``<name>.json`` with the metrics, ``<name>.samples.npz`` with every prediction, ``<name>.run.json``.

The first two are deterministic. Metrics are fractions or counts in full precision; what cannot be computed is null.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from instmove.errors import InstMoveError
from instmove.files import atomic_path, read_json, write_json
from instmove.masks import Rle
from instmove.metrics.bootstrap import DRAWS, STATISTICS, Estimate, estimate
from instmove.metrics.motion import MotionResult

ORIGIN_KEYS = ("setup", "dataset", "split_digest", "method", "motion", "variant", "weights", "seed", "config_digest")
"""What a number's origin must say (``weights`` maps each checkpoint to its sha256); null where it does not apply."""


def write_metrics(path: Path, origin: Mapping[str, Any], result: MotionResult, draws: int = DRAWS) -> None:
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
        {name: _record(metric, sizes.get(name, len(result.iou))) for name, metric in metrics.items()}
        | {"samples_dropped": {"value": result.dropped, "unit": "count"}},
        {
            name: {"iou": {"value": float(ious.mean()), "n": len(ious), "unit": "fraction"}}
            for number, name in enumerate(result.videos)
            if (ious := result.iou[result.video == number]).size
        },
        bootstrap={"draws": draws, "seed": 0, "unit": "video", "videos": len(result.videos)},
    )


def _record(metric: Estimate, n: int) -> dict[str, Any]:
    return asdict(metric) | {"n": n, "unit": "fraction"}


def write_result(
    path: Path,
    origin: Mapping[str, Any],
    metrics: Mapping[str, Mapping[str, Any]],
    per_sequence: Mapping[str, Mapping[str, Mapping[str, Any]]],
    bootstrap: Mapping[str, Any],
) -> None:
    """Write a metrics JSON; a metric is {value, unit} and, where there are any, {low, high, n}.

    A missing key of the origin is a ValueError: a number without its origin is not a result.
    """
    if missing := [key for key in ORIGIN_KEYS if key not in origin]:
        raise ValueError(f"{path}: origin without {', '.join(missing)}")
    content = {"origin": origin, "metrics": metrics, "per_sequence": per_sequence, "bootstrap": bootstrap}
    write_json(path, content)


def read_result(path: Path) -> dict[str, Any]:
    """Read a metrics JSON; a file of another kind is an error that names it."""
    content = read_json(path)
    if not isinstance(content, dict) or "metrics" not in content or "origin" not in content:
        raise InstMoveError(f"{path}: not a metrics file (no 'origin' and 'metrics'); delete it and run again")
    return content


def samples_path(path: Path) -> Path:
    """Where the predictions behind a metrics JSON lie."""
    return path.with_suffix(".samples.npz")


def run_path(path: Path) -> Path:
    """Where the record of the run that made a metrics JSON lies (see ``instmove.provenance``)."""
    return path.with_suffix(".run.json")


def save_samples(path: Path, result: MotionResult) -> None:
    """Save all of a result; equal results are equal bytes."""
    arrays = {field.name: getattr(result, field.name) for field in fields(result) if field.name != "predictions"}
    arrays["prediction_counts"] = np.array([rle["counts"] for rle in result.predictions])
    arrays["prediction_sizes"] = np.array([rle["size"] for rle in result.predictions])
    arrays["videos"] = np.array(result.videos)
    with atomic_path(path) as temporary:
        np.savez_compressed(temporary, allow_pickle=False, **arrays)


def load_samples(path: Path) -> MotionResult:
    """Load what :func:`save_samples` wrote; a missing or foreign file is an error that names it."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = dict(archive)
        sizes, counts = arrays.pop("prediction_sizes").tolist(), arrays.pop("prediction_counts").tolist()
        predictions = tuple(Rle(size=size, counts=text) for size, text in zip(sizes, counts, strict=True))
        videos, dropped = tuple(arrays.pop("videos").tolist()), int(arrays.pop("dropped"))
        return MotionResult(videos=videos, dropped=dropped, predictions=predictions, **arrays)
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
        raise InstMoveError(f"{path}: cannot read the predictions ({error}); run the evaluation again") from None
