"""The last words of a failed workflow: which job, why, its log and its command."""

import atexit
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from instmove.files import NEARLY_FULL

BLOCK = re.compile(r"^Error in rule (\w+):\n((?:    .*\n?)*)", re.MULTILINE)
LOG = re.compile(r"^    log: (.*) \(check log file", re.MULTILINE)
COMMAND = re.compile(r"^    shell:\n        (.*?)\n        \(command exited", re.MULTILINE | re.DOTALL)


def explain_failure(workflow_logs: Sequence[str]) -> None:
    """Have log and command of the first failed job that Snakemake's own logs name printed last of all, to stderr.

    For a workflow's ``onerror``, whose ``log`` is a list of files. Snakemake goes on talking after that, and may not
    have written all of its log; so this waits until the process ends.
    """
    atexit.register(_print_failure, [*workflow_logs])


def _print_failure(workflow_logs: list[str]) -> None:
    text = "".join(_text(log) for log in workflow_logs)
    failed = BLOCK.search(text)
    if failed is None:
        return
    rule, block = failed.groups()
    log = _field(LOG, block)
    print(f"\n{rule} failed: {_last_line(log)}\nlog:     {log}\ncommand: {_field(COMMAND, block)}", file=sys.stderr)


def _field(pattern: re.Pattern[str], block: str) -> str:
    found = pattern.search(block)
    return found[1] if found else "(not known)"


def _last_line(log: str) -> str:
    lines = [line for line in _text(log).splitlines() if line.strip()]
    if lines:
        return lines[-1]
    full = Path(log).parent.is_dir() and shutil.disk_usage(Path(log).parent).free < NEARLY_FULL
    return (
        "no space left on the disk, not even for its log"
        if full
        else "it wrote nothing to its log; was it killed, for want of memory or time?"
    )


def _text(path: str) -> str:
    return Path(path).read_text(encoding="utf-8", errors="replace") if Path(path).is_file() else ""
