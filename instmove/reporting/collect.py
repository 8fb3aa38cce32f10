"""All results of a setup in two long CSVs, in full precision: ``metrics.csv`` and ``runs.csv``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from instmove.files import atomic_path, read_json
from instmove.metrics.result_files import metrics_files, read_result, run_path
from instmove.reporting.measured import status_of

METRIC_COLUMNS = [
    "dataset",
    "method",
    "motion",
    "sequence",
    "metric",
    "value",
    "low",
    "high",
    "n",
    "unit",
    "seed",
    "status",
    "run",
]
"""A row for each metric of each run, over all (``sequence`` empty) and for each sequence; ``run`` leads to runs.csv."""


def collect(results: Path, metrics_csv: Path, runs_csv: Path) -> None:
    """Gather every metrics file below a results folder; both CSVs are sorted, so that a diff of them is readable.

    ``status`` is that of ``instmove.reporting.measured.Measurement``, but for what was not run.
    """
    folder = results / "metrics"
    runs = {path.relative_to(folder).with_suffix("").as_posix(): path for path in metrics_files(results)}
    metrics = [row for run, path in runs.items() for row in _metric_rows(run, read_result(path))]
    key = ["dataset", "method", "motion", "sequence", "metric", "seed", "run"]
    _write(metrics_csv, metrics, METRIC_COLUMNS, key)
    rows = [_run_row(run, path) for run, path in runs.items()]
    columns = ["run", *sorted({name for row in rows for name in row} - {"run"})]
    _write(runs_csv, rows, columns, ["run"])


def _metric_rows(run: str, content: dict[str, Any]) -> Iterator[dict[str, Any]]:
    origin = {name: content["origin"][name] for name in ("dataset", "method", "motion", "seed")}
    for sequence, metrics in [("", content["metrics"]), *content["per_sequence"].items()]:
        for metric, record in metrics.items():
            status = status_of(content, record["value"])
            yield {**record, **origin, "sequence": sequence, "metric": metric, "status": status, "run": run}


def _run_row(run: str, path: Path) -> dict[str, Any]:
    """Origin and, where the run left one, its record, flattened: ``weights.instmove``, ``run.versions.torch``."""
    record = read_json(run_path(path)) if run_path(path).exists() else {}
    return {"run": run, **_flat(read_result(path)["origin"]), **_flat(record, "run.")}


def _flat(value: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, item in value.items():
        if isinstance(item, dict):
            flat |= _flat(item, f"{prefix}{name}.")
        else:
            flat[prefix + name] = " ".join(map(str, item)) if isinstance(item, list) else item
    return flat


def _write(path: Path, rows: list[dict[str, Any]], columns: list[str], key: list[str]) -> None:
    import pandas as pd

    frame = pd.DataFrame(rows, columns=columns, dtype=object).sort_values(key, kind="stable", na_position="first")
    with atomic_path(path) as temporary:
        frame.to_csv(temporary, index=False, lineterminator="\n")
