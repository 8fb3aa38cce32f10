"""Small trained weights kept in the repository: baselines/weights/mini/ and its manifest."""

import csv
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from filelock import FileLock

from instmove.config import ROOT, Setup
from instmove.errors import InstMoveError
from instmove.files import atomic_path, digest, read_json, sha256_of_file, write_json

SHIPPED = ROOT / "baselines" / "weights" / "mini"
LIMIT = 6_000_000
"""Largest file in bytes that the repository takes: every version stays in its history."""
ROWS = 200
"""Rows that a shipped training log has about."""


def shipped_weights(setup: Setup, name: str) -> str | None:
    """Path of shipped weights if the setup wants such (``weights: shipped``) and the manifest lists them."""
    if setup["weights"] != "shipped" or name not in _manifest():
        return None
    path = SHIPPED / f"{name}.safetensors"
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def verify_shipped() -> list[str]:
    """Problems of the shipped files against their manifest: missing, changed, too large, not listed."""
    manifest = _manifest()
    files = [path for suffix in ("safetensors", "csv") for path in SHIPPED.glob(f"*.{suffix}")]
    problems = [f"{path}: not in the manifest" for path in files if path.stem not in manifest]
    for name, entry in manifest.items():
        path = SHIPPED / f"{name}.safetensors"
        if not path.exists():
            problems.append(f"{path}: in the manifest but missing")
        elif sha256_of_file(path) != entry["sha256"]:
            problems.append(f"{path}: its sha256 is not the manifest's; restore it or run `snakemake zoo`")
        elif path.stat().st_size > LIMIT:
            problems.append(f"{path}: larger than {LIMIT} bytes")
    return problems


def shipped_log(weights: str | Path) -> str | None:
    """Path of the training log that was kept with shipped weights, if it was."""
    path = Path(weights).with_suffix(".csv")
    return str(path) if path.exists() else None


def ship(name: str, weights: Path, log: Path, recipe: dict[str, Any]) -> None:
    """Copy trained weights and their training log, thinned, into the repository.

    The manifest gets the weights' digest, the recipe and, as metrics, the last row of the log. Several processes may
    do so at once.
    """
    if weights.stat().st_size > LIMIT:
        raise InstMoveError(
            f"{weights}: {weights.stat().st_size} bytes, the repository takes {LIMIT}; train it smaller"
        )
    rows = _rows(log)
    metrics = {key: float(value) for key, value in rows[-1].items() if value}
    target = SHIPPED / f"{name}.safetensors"
    with atomic_path(target) as temporary:
        shutil.copyfile(weights, temporary)
    _write_thinned(rows, target.with_suffix(".csv"))
    entry = {"sha256": sha256_of_file(target), "bytes": target.stat().st_size, "recipe": recipe, "metrics": metrics}
    with FileLock(Path(tempfile.gettempdir()) / f"instmove.{digest(str(SHIPPED))}.lock"):
        write_json(SHIPPED / "manifest.json", {**_manifest(), name: entry})


def _rows(log: Path) -> list[dict[str, str]]:
    with log.open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    if not rows:
        raise InstMoveError(f"{log}: an empty training log; train the network first")
    return rows


def _write_thinned(rows: list[dict[str, str]], path: Path) -> None:
    """Write the last row, those with a validation and every k-th other, with five digits."""
    step = -(-len(rows) // ROWS)
    kept = [row for k, row in enumerate(rows, start=1 - len(rows)) if k % step == 0 or _is_validated(row)]
    with atomic_path(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: value and f"{float(value):.5g}" for key, value in row.items()} for row in kept)


def _is_validated(row: dict[str, str]) -> bool:
    return any(value for key, value in row.items() if key.startswith("validation"))


def _manifest() -> dict[str, Any]:
    path = SHIPPED / "manifest.json"
    return _read_manifest(path, path.stat().st_mtime_ns) if path.exists() else {}


@cache
def _read_manifest(path: Path, changed: int) -> dict[str, Any]:
    """The file as it was at ``changed``: a workflow asks for it hundreds of times before it starts."""
    manifest: dict[str, Any] = read_json(path)
    return manifest
