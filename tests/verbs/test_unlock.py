"""Clearing up after a workflow that was killed, and leaving alone one that runs."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from instmove.cli import main

WORKFLOW = """
rule all:
    output: "done.txt"
    shell: "while [ ! -e go ]; do sleep 0.1; done; touch {output}"
"""


@pytest.fixture
def locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "subprocess.Popen[bytes]":
    """A workflow that runs in the current folder until there is a file ``go``."""
    monkeypatch.chdir(tmp_path)
    Path("Snakefile").write_text(WORKFLOW)
    command = [sys.executable, "-m", "snakemake", "--cores", "1"]
    running = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    while not (locks := Path(".snakemake/locks")).is_dir() or not any(locks.iterdir()):
        assert running.poll() is None
        time.sleep(0.1)
    return running


def test_a_running_workflow_is_left_alone_and_a_killed_one_cleared_up(
    locked: "subprocess.Popen[bytes]", capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["unlock"]) == 1
    assert f"'snakemake' (process {locked.pid}) still runs here; wait for it or stop it" in capsys.readouterr().err
    locked.kill()
    locked.wait()
    Path("go").touch()
    assert any(Path(".snakemake/locks").iterdir())
    assert main(["unlock"]) == 0
    again = [sys.executable, "-m", "snakemake", "--cores", "1", "--rerun-incomplete"]
    assert subprocess.run(again, stderr=subprocess.DEVNULL, check=False).returncode == 0


def test_a_job_of_a_killed_workflow_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "instmove").write_text("import time; time.sleep(60)")
    job = subprocess.Popen([sys.executable, "instmove", "train-motion"])
    assert main(["unlock"]) == 1
    assert f"'instmove train-motion' (process {job.pid}) still runs here" in capsys.readouterr().err
    job.kill()
    job.wait()
    assert main(["unlock"]) == 0
