"""Snakemake on the project's workflow, in a folder where nothing was made yet."""

import os
import re
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from functools import cache
from pathlib import Path

from instmove.cli import verbs
from instmove.code_digest import code_digest
from instmove.config import ROOT, Setup, load_setup
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
    """Run it there; all that it prints is in ``stdout``, as on a screen.

    A dry run is a fork of this process, which is ready to plan: that is half of what a process of its own takes. What
    runs jobs is a process of its own, with its own order of sets: a plan after it finds what depends on that order.
    """
    asked = ["--cores", "1", *arguments]
    if "-n" in arguments:
        return _forked(folder, asked)
    command = [sys.executable, "-m", "snakemake", *asked]
    return subprocess.run(command, cwd=folder, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


@cache
def _snakemake_main() -> Callable[[list[str]], None]:
    """Snakemake with its plugins, imported, and the digests of our code and the validator of setups, which it asks for.

    Children have what is here: none of it depends on the folder or on the arguments.
    """
    from snakemake.cli import get_argument_parser, main

    get_argument_parser()
    for verb in verbs():
        code_digest(verb.name)
    load_setup("smoke")
    return main


def _forked(folder: Path, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    main = _snakemake_main()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as screen:
        child = os.fork()
        if child == 0:
            os._exit(_run(main, folder, arguments, screen.fileno()))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        screen.seek(0)
        return subprocess.CompletedProcess(arguments, status, screen.read())


def _run(main: Callable[[list[str]], None], folder: Path, arguments: list[str], screen: int) -> int:
    """The life of the child: whatever happens, it must not go on as a test."""
    os.dup2(screen, 1)
    os.dup2(screen, 2)
    with os.fdopen(1, "w", 1, closefd=False) as sys.stdout, os.fdopen(2, "w", 1, closefd=False) as sys.stderr:
        try:
            os.chdir(folder)
            sys.argv = ["snakemake", *arguments]
            main(arguments)
        except SystemExit as error:
            return error.code if isinstance(error.code, int) else int(error.code is not None)
        except BaseException:
            traceback.print_exc()
            return 1
        return 0


def job_counts(output: str) -> dict[str, int]:
    """The table of jobs by rule that Snakemake prints, without its total."""
    table = re.search(r"^Job stats:\n.*\n-.*\n((?:\w+ +\d+\n)+)", output, re.MULTILINE)
    assert table, output
    counts = {rule: int(count) for rule, count in (line.split() for line in table[1].splitlines())}
    assert counts.pop("total") == sum(counts.values())
    return counts
