"""The command line: every verb, light to start, errors that fit on a line."""

import argparse
import errno
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context

import pytest

from instmove.cli import main, verbs

HEAVY = {"torch", "numpy", "matplotlib", "pandas", "cv2"}


def test_help_lists_every_verb_with_its_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0
    printed = " ".join(capsys.readouterr().out.split()).replace("- ", "-")  # lines break after hyphens
    assert len(verbs()) > 10
    for entry in verbs():
        doc = import_module(entry.module).__doc__
        assert doc is not None and f"{entry.name} {' '.join(doc.splitlines()[0].split())}".replace("- ", "-") in printed


def test_every_verb_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    for entry in verbs():
        with pytest.raises(SystemExit) as stopped:
            main([entry.name, "--help"])
        assert stopped.value.code == 0
        assert f"usage: instmove {entry.name}" in capsys.readouterr().out


def test_the_full_parser_imports_nothing_heavy() -> None:
    code = f"import sys; from instmove.cli import build_parser; build_parser(None); print({HEAVY} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_numpy_starts_no_threads_of_its_own() -> None:
    code = "from instmove.cli import main\ntry: main(['--version'])\nexcept SystemExit: pass\n"
    count = "import numpy, psutil; print(psutil.Process().num_threads())"
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    shown = subprocess.run(
        [sys.executable, "-c", code + count], env=environment, capture_output=True, text=True, check=True
    )
    assert shown.stdout.split()[-1] == "1"


def test_an_error_is_one_line_and_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["time-report", "--setup", "mimi"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("instmove time-report: error: setup 'mimi' does not exist")
    assert printed.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["fly"], [], ["make-table"], ["time-report", "--nonsense"]])
def test_wrong_usage_is_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage: instmove" in capsys.readouterr().err


def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("instmove.verbs.time_report.rule_times", lambda folder: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        main(["time-report"])


def test_a_killed_worker_process_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """For real: a pool whose process dies ends the verb instead of waiting for it for ever."""

    def run(args: object) -> None:
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            pool.submit(os.abort).result()

    monkeypatch.setattr("instmove.verbs.time_report.run", run)
    assert main(["time-report"]) == 1
    assert (
        "error: one of its processes was killed, perhaps for want of memory; run it again\n" in capsys.readouterr().err
    )


def test_no_permission_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def closed(args: argparse.Namespace) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "data/ovis/train")

    monkeypatch.setattr("instmove.verbs.check_data.setup_from", closed)
    assert main(["check-data"]) == 1
    said = "data/ovis/train: Permission denied; check who may read or write it\n"
    assert capsys.readouterr().err == f"instmove check-data: error: {said}"
