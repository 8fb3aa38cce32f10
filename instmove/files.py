"""Writing files so that a crash leaves either the old file or the new one, never half of one."""

import errno
import hashlib
import json
import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from struct import error as StructError
from typing import Any
from zipfile import BadZipFile
from zlib import error as ZlibError

from instmove.errors import InstMoveError

ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
"""Time stamp of every file in an archive of ours, so that equal contents are equal bytes."""
ZIP_DAMAGE = (OSError, EOFError, BadZipFile, ZlibError, StructError, RuntimeError, LookupError, ValueError)
"""What reading an archive raises where a byte of it is wrong (RuntimeError: it would be encrypted)."""
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
NEARLY_FULL = 1 << 16
"""Free bytes below which a failure to write is put down to the disk."""


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """Yield a temporary name beside ``path`` (same suffix); rename it to ``path`` if the block succeeds.

    The temporary may be written as a file or made as a folder; on an error it is removed.
    """
    target = Path(path)
    with temporary_path(target) as temporary:
        yield temporary
        if target.is_dir() and temporary.is_dir():
            shutil.rmtree(target)
        temporary.replace(target)


@contextmanager
def temporary_path(target: Path) -> Iterator[Path]:
    """A hidden name beside ``target`` (same suffix) for a file or folder that is gone after the block.

    What processes of this machine that were killed meanwhile had left for the same target is removed, too. A full
    disk is an :class:`InstMoveError` that names ``target``, whichever library noticed it.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    pattern = (f".{target.stem}.{platform.node()}-", f".partial{target.suffix}")
    for leftover in target.parent.glob(f"{escape(pattern[0])}*{escape(pattern[1])}"):
        if not _is_alive(leftover.name.removeprefix(pattern[0]).removesuffix(pattern[1])):
            _remove(leftover)
    temporary = target.with_name(f"{pattern[0]}{os.getpid()}{pattern[1]}")
    try:
        yield temporary
    except Exception as error:
        if _is_full(error, target.parent):
            raise InstMoveError(f"{target}: no space left on the disk; free some and run again") from error
        raise
    finally:
        _remove(temporary)


def _is_alive(process: str) -> bool:
    import psutil

    try:
        return psutil.Process(int(process)).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _is_full(error: Exception, folder: Path) -> bool:
    """Libraries have errors of their own for it (torch, safetensors), so that words and the disk are asked, too."""
    full = getattr(error, "errno", None) in FULL or os.strerror(errno.ENOSPC) in str(error)
    return full or shutil.disk_usage(folder).free < NEARLY_FULL


def write_text(path: Path | str, text: str) -> None:
    """Write UTF-8 text atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path | str, value: Any, indent: int | None = 2) -> None:
    """Write JSON atomically with sorted keys, so that equal values are equal bytes."""
    write_text(path, json.dumps(value, indent=indent, sort_keys=True, allow_nan=False) + "\n")


def read_json(path: Path | str) -> Any:
    """Read JSON; a missing or truncated file is an :class:`InstMoveError` that names it."""
    path = Path(path)
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InstMoveError(f"{path}: file not found") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InstMoveError(f"{path}: not valid JSON ({error}); is the download complete?") from None


def sha256_of_file(path: Path | str) -> str:
    """SHA-256 of a file's bytes, hexadecimal."""
    with Path(path).open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def digest(value: Any) -> str:
    """First 16 hexadecimal digits of the SHA-256 of a value's canonical JSON."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
