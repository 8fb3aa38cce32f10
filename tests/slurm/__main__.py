"""``make test-slurm``: profiles/slurm on a real Slurm of this machine, from training to a table, and a preemption.

Not part of the tests: it installs Slurm (Debian, as root) and takes some minutes. Snakemake and its plugin come from an
environment of their own that sees the project's packages. What runs is a frozen copy of the checkout.
"""

import re
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

from instmove.config import ROOT
from tests.chaos.workplace import Workplace, prepare
from tests.slurm.controller import run, slurm

CELL = "results/smoke/metrics/motion/ovis_sub/instmove/seed0.json"
LOG = Path("results/smoke/logs/train_motion/instmove_ovis_sub_0_0.log")
CHECKPOINT = Path("results/smoke/motion/instmove/ovis_sub/seed0/fold0/checkpoint.pt")
OPTIONS = (
    "--profile profiles/slurm --latency-wait 10 --slurm-no-account --slurm-status-command squeue"
    " --slurm-init-seconds-before-status-checks 3 --config setup=smoke"
)
LONG = "'motion={training: {iterations: 400, checkpoint_every: 20, log_every: 20}}'"
"""A training that lasts long enough to be stopped twice."""


def main() -> None:
    """Build the environment, start Slurm, run both parts, stop it."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        python = environment(folder / "venv")
        place = prepare(folder / "project")
        with slurm(folder / "slurm"):
            stopped_training(place, python)
            whole_table(place, python)
    print("Slurm: good")


def environment(folder: Path) -> Path:
    """The plugin and what only it needs, over the project's own environment; its Python."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    packages = next(folder.glob("lib/*/site-packages"))
    (packages / "project.pth").write_text(f"{next(Path(sys.prefix).glob('lib/*/site-packages'))}\n")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["optional-dependencies"]["slurm"]
    pip = [*pip_command(), "install", "-q", "--no-deps", "--target", str(packages)]
    subprocess.run([*pip, *wanted, *WITH_IT], check=True)
    return folder / "bin/python"


WITH_IT = ("snakemake-executor-plugin-slurm-jobstep==0.6.0", "throttler==1.2.2")


def pip_command() -> list[str]:
    """The pip of the Python that made the project's environment, which has none itself."""
    return [str(Path(sys.base_prefix) / "bin/python3"), "-m", "pip"]


def stopped_training(place: Workplace, python: Path) -> None:
    """Slurm takes a training's node away, then its process is killed: both times it goes on from its checkpoint."""
    process = place.start(f"{python} -m snakemake {CELL} {OPTIONS} {LONG}")
    try:
        stop_twice(place, process)
        place.require(process.wait(1800) == 0, "the workflow failed")
    finally:
        process.terminate()  # which cancels its jobs, if it still runs
        process.wait()
    place.require((place.folder / CELL).is_file(), "no metrics")


def stop_twice(place: Workplace, process: "subprocess.Popen[str]") -> None:
    """By Slurm, which starts the job again itself; by a signal, after which Snakemake submits another."""
    wait_for(place, process, lambda: (place.folder / CHECKPOINT).exists(), "a checkpoint")
    (job,) = run("squeue", "--noheader", "--format=%A", "--partition=gpu").split()
    run("scontrol", "requeue", job)
    print(f"job {job} requeued", flush=True)
    wait_for(place, process, lambda: resumed(place) > 0, "the requeued job")
    first = resumed(place)
    print(f"it went on from iteration {first}", flush=True)
    written = (place.folder / CHECKPOINT).stat().st_mtime
    wait_for(place, process, lambda: (place.folder / CHECKPOINT).stat().st_mtime > written, "another checkpoint")
    place.processes("train-motion")[0].kill()
    wait_for(place, process, lambda: resumed(place) > first, "the retried job")
    print(f"killed, it was retried and went on from iteration {resumed(place)}", flush=True)


def whole_table(place: Workplace, python: Path) -> None:
    """Table 2 from training, as a user would ask for it."""
    started = time.monotonic()
    status = place.run(f"{python} -m snakemake table2 {OPTIONS}")
    place.require(status == 0 and (place.folder / "results/smoke/tables/table2.md").is_file(), "no table")
    print(f"table2: {time.monotonic() - started:.0f} s", flush=True)


def resumed(place: Workplace) -> int:
    """The iteration from which the current attempt of the training went on; 0 if it began anew."""
    log = place.folder / LOG
    found = re.search(r"goes on from iteration (\d+)", log.read_text()) if log.exists() else None
    return int(found[1]) if found else 0


def wait_for(place: Workplace, process: "subprocess.Popen[str]", there: Callable[[], bool], what: str) -> None:
    """Until it is there; not longer than half an hour, and not after the workflow has ended."""
    end = time.monotonic() + 1800
    while not there():
        place.require(process.poll() is None and time.monotonic() < end, f"waited for {what}")
        time.sleep(0.2)


if __name__ == "__main__":
    main()
