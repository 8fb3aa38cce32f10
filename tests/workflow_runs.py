"""Snakemake on the project's workflow, in a folder where nothing was made yet."""

import re
import subprocess
import sys
from pathlib import Path

from instmove.config import ROOT, Setup
from instmove.reporting.needs import checkpoint_needs, dataset_needs


def link_workflow(folder: Path) -> None:
    """Make ``folder`` a place to run the workflow in."""
    (folder / "Snakefile").write_text(f"include: {str(ROOT / 'Snakefile')!r}\n")


def pretend_all_is_there(setup: Setup) -> None:
    """Make empty files and folders below the working folder for all that a setup needs from outside."""
    datasets = [need for name in setup["datasets"] for need in dataset_needs(setup, name)]
    for path in (need.path for need in [*checkpoint_needs(setup), *datasets]):
        (path.parent if path.suffix else path).mkdir(parents=True, exist_ok=True)
        if path.suffix:
            path.touch()


def snakemake(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it there; all that it prints is in ``stdout``, as on a screen."""
    command = [sys.executable, "-m", "snakemake", "--cores", "1", *arguments]
    return subprocess.run(command, cwd=folder, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def job_counts(output: str) -> dict[str, int]:
    """The table of jobs by rule that Snakemake prints, without its total."""
    table = re.search(r"^Job stats:\n.*\n-.*\n((?:\w+ +\d+\n)+)", output, re.MULTILINE)
    assert table, output
    counts = {rule: int(count) for rule, count in (line.split() for line in table[1].splitlines())}
    assert counts.pop("total") == sum(counts.values())
    return counts
