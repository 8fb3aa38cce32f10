"""Small trained weights kept in the repository: baselines/weights/<setup>/ and its manifest."""

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


def shipped_weights(setup: Setup, name: str) -> str | None:
    """Path of shipped weights if the setup wants such (``weights: shipped``) and the manifest lists them."""
    if setup["weights"] != "shipped" or name not in _manifest():
        return None
    path = SHIPPED / f"{name}.safetensors"
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def verify_shipped() -> list[str]:
    """Problems of the shipped files against their manifest: missing, changed, too large, not listed."""
    manifest = _manifest()
    problems = [f"{path}: not in the manifest" for path in SHIPPED.glob("*.safetensors") if path.stem not in manifest]
    for name, entry in manifest.items():
        path = SHIPPED / f"{name}.safetensors"
        if not path.exists():
            problems.append(f"{path}: in the manifest but missing")
        elif sha256_of_file(path) != entry["sha256"]:
            problems.append(f"{path}: its sha256 is not the manifest's; restore it or run `snakemake zoo`")
        elif path.stat().st_size > LIMIT:
            problems.append(f"{path}: larger than {LIMIT} bytes")
    return problems


def ship(name: str, weights: Path, recipe: dict[str, Any], metrics: dict[str, float]) -> None:
    """Copy trained weights into the repository and record their digest, recipe and metrics in the manifest.

    Several processes may do so at once.
    """
    if weights.stat().st_size > LIMIT:
        raise InstMoveError(
            f"{weights}: {weights.stat().st_size} bytes, the repository takes {LIMIT}; train it smaller"
        )
    target = SHIPPED / f"{name}.safetensors"
    with atomic_path(target) as temporary:
        shutil.copyfile(weights, temporary)
    entry = {"sha256": sha256_of_file(target), "bytes": target.stat().st_size, "recipe": recipe, "metrics": metrics}
    with FileLock(Path(tempfile.gettempdir()) / f"instmove.{digest(str(SHIPPED))}.lock"):
        write_json(SHIPPED / "manifest.json", {**_manifest(), name: entry})


def _manifest() -> dict[str, Any]:
    path = SHIPPED / "manifest.json"
    return _read_manifest(path, path.stat().st_mtime_ns) if path.exists() else {}


@cache
def _read_manifest(path: Path, changed: int) -> dict[str, Any]:
    """The file as it was at ``changed``: a workflow asks for it hundreds of times before it starts."""
    manifest: dict[str, Any] = read_json(path)
    return manifest
