"""Result files: ``<name>.json`` with the metrics, ``<name>.samples.npz`` behind them, ``<name>.run.json``.

The first two are deterministic. Metrics are fractions or counts in full precision; what cannot be computed is null.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TypeVar
from zipfile import BadZipFile

import numpy as np

from instmove.code_digest import closure_digest
from instmove.errors import InstMoveError
from instmove.files import atomic_path, read_json, write_json
from instmove.metrics.bootstrap import Estimate, Result
from instmove.metrics.server_scores import with_scores

R = TypeVar("R")

ORIGIN_KEYS = ("setup", "dataset", "split_digest", "method", "motion", "variant", "weights", "seed", "config_digest")
"""What a number's origin must say (``weights`` maps each checkpoint to its sha256); null where it does not apply."""


def bootstrap_record(result: Result, draws: int, unit: str = "video") -> dict[str, Any]:
    """How the intervals of a metrics file were drawn."""
    return {"draws": draws, "seed": 0, "unit": unit, f"{unit}s": len(result.videos)}


def metric_record(metric: Estimate, n: int) -> dict[str, Any]:
    """A metric of a metrics file, from so many samples."""
    return asdict(metric) | {"n": n, "unit": "fraction"}


def write_result(
    path: Path,
    origin: Mapping[str, Any],
    metrics: Mapping[str, Mapping[str, Any]],
    per_sequence: Mapping[str, Mapping[str, Mapping[str, Any]]],
    scorer: str,
    bootstrap: Mapping[str, Any] | None = None,
    status: str | None = None,
) -> None:
    """Write a metrics JSON; a metric is {value, unit} and, where there are any, {low, high, n}.

    ``scorer`` is the module that the metrics come from, whose code and imports ``evaluation_code`` is the digest of;
    ``status`` says what the numbers are that were not measured here. A missing key of the origin is a ValueError: a
    number without its origin is not a result.
    """
    if missing := [key for key in ORIGIN_KEYS if key not in origin]:
        raise ValueError(f"{path}: origin without {', '.join(missing)}")
    content = {"origin": origin, "metrics": metrics, "per_sequence": per_sequence}
    code = {"scorer": scorer, "evaluation_code": closure_digest(scorer)}
    optional = {"bootstrap": bootstrap, "status": status}
    write_json(path, content | code | {key: value for key, value in optional.items() if value is not None})


def write_submission(path: Path, origin: Mapping[str, Any], names: Collection[str]) -> None:
    """Write the metrics JSON of a result that is scored elsewhere, in the metrics ``names``: its values are null."""
    metrics = {name: {"value": None, "unit": "fraction"} for name in names}
    write_result(path, origin, metrics, {}, scorer=__name__, status="submission")


def read_result(path: Path) -> dict[str, Any]:
    """Read a metrics JSON, with a server's scores once there are some; a file of another kind is an error."""
    content = read_json(path)
    if not isinstance(content, dict) or "metrics" not in content or "origin" not in content:
        raise InstMoveError(f"{path}: not a metrics file (no 'origin' and 'metrics'); delete it and run again")
    return with_scores(content, path)


def metrics_files(folder: Path) -> list[Path]:
    """All metrics JSONs below a results folder."""
    found = (folder / "metrics").rglob("*.json")
    return sorted(path for path in found if not path.name.endswith(".run.json"))


def samples_path(path: Path) -> Path:
    """Where the predictions behind a metrics JSON lie."""
    return path.with_suffix(".samples.npz")


def submission_path(path: Path) -> Path:
    """Where the masks behind the metrics JSON of a video benchmark lie (see ``instmove.metrics.ytvis_results``)."""
    return path.with_suffix(".results.zip")


def run_path(path: Path) -> Path:
    """Where the record of the run that made a metrics JSON lies (see ``instmove.provenance``)."""
    return path.with_suffix(".run.json")


def save_fields(path: Path, result: Any) -> None:
    """Save a result that is a dataclass of arrays and of the names ``videos``; equal results are equal bytes."""
    save_arrays(path, {field.name: getattr(result, field.name) for field in fields(result)})


def load_fields(path: Path, kind: Callable[..., R]) -> R:
    """Load what :func:`save_fields` wrote of this kind; a missing or foreign file is an error that names it."""
    return load_arrays(path, lambda arrays: kind(**arrays | {"videos": tuple(arrays["videos"].tolist())}))


def save_arrays(path: Path, arrays: Mapping[str, Any]) -> None:
    """Save arrays by name; equal arrays are equal bytes."""
    with atomic_path(path) as temporary:
        np.savez_compressed(temporary, allow_pickle=False, **arrays)


def load_arrays(path: Path, make: Callable[[dict[str, Any]], R]) -> R:
    """What ``make`` makes of saved arrays; a missing or foreign file is an error that names it."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            return make(dict(archive))
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
        raise InstMoveError(f"{path}: cannot read the predictions ({error}); run the evaluation again") from None
