"""Bad nights. Each makes the workflow end badly in a workplace of its own, types the same command again until all is
there, and leaves the results to be compared with those of a quiet night."""

import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.chaos.workplace import RESULTS, Workplace

Report = Callable[[str], None]
NO_USE = "was a byte that nothing reads"
VERBS = ("make-mini", "train-motion", "train-host", "train-vos", "predict", "evaluate-motion", "segment", "associate")
"""Whose processes are killed alone, one of each."""


@dataclass
class Deaths:
    """``kill -9`` of Snakemake with all its jobs, again and again until the workflow is done or ``most`` are up."""

    most: int
    quiet: float
    """Seconds of a run that nobody kills."""
    rng: random.Random
    count: int = 0

    def visit(self, place: Workplace) -> None:
        """Let it live for at most half of the time that it needs: most kills come while jobs run."""
        while self.count < self.most:
            process = place.start()
            try:
                status = process.wait(self.rng.uniform(0, self.quiet / 2))
            except subprocess.TimeoutExpired:
                place.kill(process)
                self.count += 1
                continue
            return place.require(status == 0, f"ended with {status} after {self.count} kills")
        return place.finish()


def killed_worker(place: Workplace, rng: random.Random, report: Report) -> None:
    """A job's Python process dies alone, or one of the processes that it has started."""
    left = list(VERBS)
    while left:
        process = place.start()
        while process.poll() is None and not (found := _jobs(place, left)):
            time.sleep(0.05)
        if process.poll() is not None:
            break
        verb, job = found[0]
        left.remove(verb)
        time.sleep(1)  # for it to start its own
        rng.choice(_workers(job) or [job]).kill()
        status = process.wait(600)
        report(f"{verb}: {place.last_words()}")
        place.require(status != 0, f"{verb}: was killed, and nobody noticed")
    report(f"over before they could be killed: {', '.join(left) or 'none'}")
    place.finish()


def _jobs(place: Workplace, verbs: list[str]) -> list[tuple[str, psutil.Process]]:
    return [(verb, job) for verb in verbs for job in place.processes(verb)]


def _workers(job: psutil.Process) -> list[psutil.Process]:
    """Processes that a job has started to share its work."""
    return [child for child in job.children() if "spawn_main" in " ".join(child.cmdline())]


def full_disk(place: Workplace, needed: int, report: Report) -> None:
    """The results folder is a disk that is too small, and made larger after each failure."""
    with _small_disk(place.folder / "results") as resize:
        for share in (0.1, 0.3, 0.5, 0.7, 0.9):
            resize(int(share * needed))
            place.require(place.run() != 0, f"{share:.0%} of the space was enough")
            report(f"{share:.0%} of the space: {place.last_words()}")
        resize(4 * needed)
        place.finish()
        shutil.copytree(place.folder / "results", place.folder / "kept")
    shutil.rmtree(place.folder / "results")
    (place.folder / "kept").rename(place.folder / "results")


def broken_cache(place: Workplace, rng: random.Random, report: Report) -> None:
    """Predictions with a wrong bit, or cut off, when what reads them has to be made again."""
    place.finish()
    files = sorted((place.folder / RESULTS / "predictions").rglob("*.*"))
    caches = [path for path in files if path.suffix == ".zip" or path.name == "index.json"]
    for spoil in (_cut, _flip, _flip, _flip):
        path = rng.choice(caches)
        whole = path.read_bytes()
        spoil(path, rng)
        for metrics in (place.folder / RESULTS / "metrics").glob("*/bdd/*/*.json"):
            metrics.unlink()
        noticed = place.run() != 0
        words = place.last_words() if noticed else NO_USE
        report(f"{path.relative_to(place.folder / RESULTS)}, {spoil.__name__[1:]}: {words}")
        if not noticed:
            path.write_bytes(whole)
        place.finish()


def two_at_once(place: Workplace, report: Report) -> None:
    """A second workflow in a folder in which one runs, by `make` and by Snakemake itself."""
    first = place.start()
    while not place.processes("make-mini"):
        place.require(first.poll() is None, "was over before the second came")
        time.sleep(0.1)
    for command in ("instmove unlock", "snakemake --cores 1 table2 --config setup=smoke"):
        second = Workplace(place.folder, "second.txt")
        place.require(second.run(command) != 0, f"{command}: was let in")
        report(f"{command}: {' '.join(second.said()[-6:])}")
    status = first.wait(3600)
    place.require(status == 0, f"the first one ended with {status}")


@contextmanager
def _small_disk(folder: Path) -> Iterator[Callable[[int], None]]:
    """A disk in memory at ``folder``; what it yields sets its size in bytes. Needs the right to mount."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "chaos", str(folder)], check=True)
    try:
        yield lambda size: _remount(folder, size)
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _remount(folder: Path, size: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size // 1024}k", str(folder)], check=True)


def _cut(path: Path, rng: random.Random) -> None:
    path.write_bytes(path.read_bytes()[: rng.randrange(path.stat().st_size)])


def _flip(path: Path, rng: random.Random) -> None:
    data = bytearray(path.read_bytes())
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    path.write_bytes(data)
