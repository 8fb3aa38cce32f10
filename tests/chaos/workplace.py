"""A frozen copy of the checkout to run the workflow in, to stop it as a bad night would, and to look at afterwards."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from instmove.config import ROOT

TARGETS = (
    "table6",
    "results/smoke/metrics/pcan/bdd/instmove/seed0.json",
    "results/smoke/metrics/minvis/ovis_sub/instmove/seed0.json",
    "results/smoke/metrics/motion/ovis_sub/raft/seed0.json",
)
"""Every kind of training, prediction, association, segmentation and evaluation that the smoke setup has."""
COMMAND = f"instmove unlock && exec snakemake --cores 2 {' '.join(TARGETS)} --config setup=smoke"
"""What `make` types, and what a user types again after a bad night."""
RESULTS = Path("results/smoke")


class Trouble(Exception):  # noqa: N818
    """What must not happen."""


@dataclass(frozen=True)
class Workplace:
    """A folder with a copy of the project, so that edits of the original run nothing again."""

    folder: Path
    record: str = "said.txt"
    """File for what the last command printed."""

    def start(self, command: str = COMMAND) -> "subprocess.Popen[str]":
        """Start it in a process group of its own; all that it prints goes to the record."""
        code = {"PYTHONPATH": str(self.folder), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        with (self.folder / self.record).open("w") as said:
            return subprocess.Popen(
                ["bash", "-c", command],
                cwd=self.folder,
                env=os.environ | code,
                text=True,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def run(self, command: str = COMMAND, timeout: float = 3600) -> int:
        """Run it to its end; the exit status."""
        return self.start(command).wait(timeout)

    def kill(self, process: "subprocess.Popen[str]") -> None:
        """``kill -9`` of Snakemake and all its jobs at once; comes back when they are dead."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        while any(True for _ in _processes_in(self.folder)):
            time.sleep(0.05)

    def said(self) -> list[str]:
        """The lines that the last command printed."""
        return [line for line in (self.folder / self.record).read_text().splitlines() if line.strip()]

    def last_words(self) -> str:
        """Which job failed and why, as the workflow's last lines have it."""
        explained = [line for line in self.said()[-3:] if " failed: " in line]
        return explained[0] if explained else " ".join(self.said()[-3:])

    def require(self, good: bool, otherwise: str) -> None:
        """Stop where something is not as it must be."""
        if not good:
            raise Trouble("\n".join([otherwise, *self.said()[-15:]]))

    def finish(self) -> None:
        """Run it to its end, which must be a good one."""
        status = self.run()
        self.require(status == 0, f"the workflow ended with {status}")

    def size(self) -> int:
        """Bytes of the results."""
        return sum(path.stat().st_size for path in _files(self.folder / "results"))

    def processes(self, verb: str) -> list[psutil.Process]:
        """Living Python processes here that run ``instmove VERB``."""
        return [process for process in _processes_in(self.folder) if f" instmove {verb} " in _command(process)]

    def digests(self) -> dict[str, str]:
        """SHA-256 by path of all results, but for those that say when and how fast, and of the data."""
        files = [*_files(self.folder / RESULTS), *_files(self.folder / "data")]
        return {
            str(path.relative_to(self.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in files
            if not _differs_by_nature(path.relative_to(self.folder))
        }


def prepare(folder: Path) -> Workplace:
    """Copy the tracked and new files of the checkout to a folder that must not be there yet."""
    listed = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(listed, check=True, capture_output=True, text=True).stdout.splitlines():
        if (ROOT / name).is_file() and not name.startswith("results/reference"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return Workplace(folder)


def differences(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """Files that only one has, or that are not the same bytes."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _differs_by_nature(path: Path) -> bool:
    """Records of runs, and readers' indices, which know their JSON's modification time."""
    recorded = path.name == "runs.csv" or path.name.endswith((".run.json", ".index"))
    return recorded or bool({"logs", "benchmarks"} & set(path.parts))


def _processes_in(folder: Path) -> Iterator[psutil.Process]:
    """Living ones; of a dead one that nobody has waited for psutil gives no folder."""
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()) == folder:
                yield process
        except psutil.Error:
            continue


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(Path(part).name for part in process.cmdline()[:4]) + " "
    except psutil.Error:
        return ""
