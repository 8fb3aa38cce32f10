"""``python -m benchmarks.scale``: seconds and peak memory of what runs over whole benchmarks, at the paper's size.

Makes benchmarks of the real ones' size without pixels (about 1 GB), runs each piece of work in a process of its own,
prints a table and writes it to results/scale.csv. What the asked bounds say is in docs/scale.md.
"""

import csv
import io
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from instmove.config import ROOT
from instmove.files import write_text

OUTPUT = Path("results/scale.csv")
HEADER = ("work", "seconds", "processor_seconds", "peak_mb", "asked")
PIECE = f"{sys.executable} -m benchmarks.scale.pieces"
SPLIT = "results/paper/splits/ovis_sub"
MAKE_SPLIT = f"instmove make-split ovis_sub --setup paper --train {SPLIT}/train0.json --val {SPLIT}/val0.json"
WORK = (
    ("index of OVIS train made, then a split", MAKE_SPLIT, ""),
    ("OVIS train read through its index", f"{PIECE} read_ovis", ""),
    ("split of OVIS train", MAKE_SPLIT, ""),
    ("check-data of everything, the index of OVIS train there", "instmove check-data --setup paper", "10 s"),
    ("check-data of OVIS train: every RLE, every frame's header", "instmove check-data ovis_train --setup paper", ""),
    ("BDD100K train read (RLEs)", f"{PIECE} read_bdd", ""),
    ("YouTube-VOS train opened", f"{PIECE} open_ytvos", ""),
    ("all jobs of the paper setup planned", "snakemake -n tables --config setup=paper --quiet all", "10 s"),
    ("association of 500 frames with 100 queries", f"{PIECE} associate", "2000 MB"),
    ("a worker of IDOL's training", f"{PIECE} host_samples", "8000 MB"),
    ("a worker of InstMove's training", f"{PIECE} motion_samples", "8000 MB"),
    ("OVIS-Sub val scored", f"{PIECE} score", ""),
    ("Table 9 made", "instmove make-table table9 --setup paper --results results/paper", ""),
)
"""(name, command, what is asked of it)."""


@dataclass(frozen=True)
class Cost:
    """Of a command with all its processes: duration, processor time, and the peak of the largest of them."""

    seconds: float
    processor_seconds: float
    peak_mb: float


def main() -> None:
    """Measure one after another in a folder of its own; a command that fails says so and is left out."""
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        made = measured(f"{sys.executable} -m benchmarks.scale.sized data/paper", folder)
        print(f"benchmarks of the real size made in {made.seconds:.0f} s", flush=True)
        (folder / "Snakefile").write_text(f"include: {str(ROOT / 'Snakefile')!r}\n")
        pretend_checkpoints(folder)
        for name, command, asked in WORK:
            cost = measured(command, folder)
            row = (name, *(f"{v:.1f}" for v in (cost.seconds, cost.processor_seconds)), f"{cost.peak_mb:.0f}", asked)
            print(" | ".join(row), flush=True)
            rows.append(row)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([HEADER, *rows])
    write_text(OUTPUT, text.getvalue())


def pretend_checkpoints(folder: Path) -> None:
    """Empty files in place of the checkpoints and of the data that is not made here, so that everything is planned."""
    from instmove.config import load_setup
    from instmove.reporting.needs import checkpoint_needs, dataset_needs

    setup = load_setup("paper")
    needed = [*checkpoint_needs(setup), *(need for name in setup["datasets"] for need in dataset_needs(setup, name))]
    for need in needed:
        path = folder / need.path
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()


def measured(command: str, folder: Path) -> Cost:
    """Run it there, its output hidden unless it fails.

    A process's peak begins with that of the one which started it, so this one must stay small.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    started = time.monotonic()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command.split(), cwd=folder, env=environment, stdout=said, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            said.seek(0)
            print(f"{command}: failed:\n{said.read()[-2000:]}", flush=True)
    return Cost(time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


if __name__ == "__main__":
    main()
