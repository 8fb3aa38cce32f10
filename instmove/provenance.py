"""The record of a run: when, where, with what. The only result that differs between two equal runs."""

import platform
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from instmove.config import Setup, settings_digest
from instmove.files import digest, sha256_of_file, write_json

PACKAGES = ("instmove", "torch", "numpy", "scipy", "opencv-python-headless", "pycocotools", "motmetrics")


class Stopwatch:
    """Started when a run begins (now, or at a ``time.time()``), it writes the run's record when it ends."""

    def __init__(self, started: float | None = None) -> None:
        self.started = time.time() if started is None else started

    def write(self, path: Path, **measured: float | str) -> None:
        """Write :func:`run_record` of this process as JSON, with what it measured of itself."""
        write_json(path, run_record(self.started, [Path(sys.argv[0]).name, *sys.argv[1:]]) | measured)


def run_record(started: float, command: Sequence[str]) -> dict[str, Any]:
    """Versions, device, duration, host and command of the run that began at ``time.time() == started``."""
    return {
        "command": list(command),
        "commit": _commit(),
        "date": datetime.fromtimestamp(started, UTC).isoformat(timespec="seconds"),
        "device": _device(),
        "host": platform.node(),
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT,
        "platform": platform.platform(),
        "python": platform.python_version(),
        "seconds": round(time.time() - started, 3),
        "versions": {name: _version(name) for name in PACKAGES},
    }


_RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # getrusage(2): bytes on macOS, kilobytes on Linux


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _device() -> str:
    """The GPU's name if the run has used one, else the processor's architecture."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized():
        return str(torch.cuda.get_device_name())
    return f"cpu {platform.machine()}"


def _commit() -> str | None:
    """The commit of the checkout that this package runs from, with '+' if it was edited; None outside of one."""
    root = Path(__file__).parents[1]
    if not (root / ".git").exists():
        return None
    try:
        return _git(root, "rev-parse", "HEAD") + ("+" if _git(root, "status", "--porcelain", "-uno") else "")
    except (OSError, subprocess.CalledProcessError):
        return None


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def origin_of(
    setup: Setup,
    *,
    dataset: str,
    splits: Sequence[Path],
    method: str,
    motion: str | None = None,
    variant: Mapping[str, Any] | None = None,
    weights: Mapping[str, Path] | None = None,
    seed: int | None = None,
    settings: Sequence[Any] = (),
    shared: Sequence[Any] | None = None,
) -> dict[str, Any]:
    """The origin of a number (ORIGIN_KEYS of ``instmove.metrics.result_files``): what it depends on, files by digest.

    ``settings`` are the parts of the setup that it depends on beside its datasets; ``shared`` those that a method has
    whatever its motion, so that results that are compared can be seen to differ in motion alone. What is left out is
    unknown, as of somebody else's result file.
    """
    datasets = settings_digest(setup, "datasets")
    origin = {
        "setup": setup["setup"],
        "dataset": dataset,
        "split_digest": digest([sha256_of_file(path) for path in splits]),
        "method": method,
        "motion": motion,
        "variant": variant,
        "weights": {name: sha256_of_file(path) for name, path in (weights or {}).items()},
        "seed": seed,
        "config_digest": digest([datasets, *settings]),
    }
    return origin if shared is None else origin | {"shared_digest": digest([datasets, *shared])}
