"""The last words of a failed workflow: which job, why, its log and its command."""

import re
import sys
from pathlib import Path


def explain_failure(workflow_log: str) -> None:
    """Print, last of all, log and command of the first failed job that Snakemake's own log names (to stderr)."""
    text = Path(workflow_log).read_text(encoding="utf-8", errors="replace") if Path(workflow_log).exists() else ""
    block = re.search(r"^(?:\[.*\]\n)?Error in rule (\w+):\n(.*?)(?=^\S|\Z)", text, flags=re.MULTILINE | re.DOTALL)
    if block is None:
        return
    log = _field(block[2], r"log: (\S+)")
    command = " ".join(_field(block[2], r"shell:\n(.*?)\n\s*\(").split())
    print(f"\n{block[1]} failed: {_last_line(log)}\nlog:     {log}\ncommand: {command}", file=sys.stderr)


def _field(block: str, pattern: str) -> str:
    found = re.search(pattern, block, flags=re.DOTALL)
    return found[1] if found else "(not known)"


def _last_line(log: str) -> str:
    path = Path(log)
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n") if path.is_file() else []
    return next((line for line in reversed(lines) if line.strip()), "it wrote nothing to its log")
