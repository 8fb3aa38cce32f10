"""Make a folder whose workflow was killed ready for the next run: remove Snakemake's lock, unless one still runs there.

`instmove unlock && snakemake ...` is what to type after a crash; without a lock it does nothing.
"""

import argparse
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from instmove.errors import InstMoveError

if TYPE_CHECKING:
    import psutil

LOCKS = Path(".snakemake/locks")
"""Snakemake's own folder; it makes it again."""
PROGRAMS = {"snakemake", "instmove"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It has none: the folder is the current one."""


def run(args: argparse.Namespace) -> None:
    """Remove the lock if no process of a workflow is there."""
    for process in running_here():
        raise InstMoveError(
            f"{Path.cwd()}: '{_command(process)}' (process {process.pid}) still runs here; wait for it or stop it"
        )
    shutil.rmtree(LOCKS, ignore_errors=True)  # all that `snakemake --unlock` does after seconds of planning


def running_here() -> "Iterator[psutil.Process]":
    """This machine's other living processes of snakemake and instmove in the current folder."""
    import psutil

    for process in psutil.process_iter():
        try:
            if process.pid != psutil.Process().pid and Path(process.cwd()) == Path.cwd() and _command(process):
                yield process
        except psutil.Error:  # gone meanwhile, or somebody else's
            continue


def _command(process: "psutil.Process") -> str:
    """``snakemake``, or ``instmove`` and the verb, as a person would type it; empty for another program."""
    words = [Path(word).name for word in process.cmdline()[:4]]
    program = next((word for word in words[:3] if word in PROGRAMS), "")
    return " ".join(words[words.index(program) :][:2]) if program == "instmove" else program
