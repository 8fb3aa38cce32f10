"""``python -m benchmarks.cost``: docs/cost.md, what each table of the paper costs in GPU-hours, memory and disk.

Derived from what ``python -m benchmarks.paper_scale`` measured and from the steps, batches and benchmarks of the setup
``paper``: hours are samples over samples a second, without reading data and without what runs on the CPU.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import ceil
from typing import Any

from benchmarks.scale.sized import BDD_FRAMES, OVIS_FRAMES_MEAN, YTVOS_FRAMES
from instmove.config import ROOT, Setup, copied_checkpoint, load_setup, motion_on
from instmove.datasets.splits import OVIS_SUB_VIDEOS, OVIS_VIDEOS
from instmove.files import write_text
from instmove.reporting.cells import FULL_GRID, PREDICTION, VOS, Result, available_results, branch_of, table_names
from instmove.reporting.tables import markdown_row

MEASURED = ROOT / "benchmarks/measured/paper_scale_h200.csv"
PAGE = ROOT / "docs/cost.md"
FRAMES = {
    "ovis_train": OVIS_FRAMES_MEAN,
    "ovis_valid": OVIS_FRAMES_MEAN,
    "ytvis_long_valid": 64,
    "bdd_val": BDD_FRAMES,
    "davis_val": 67,
    "ytvos_valid": YTVOS_FRAMES,
}
"""Frames of a video of each dataset, about, before thinning."""
TRACKLETS = {"minvis": 20}
"""Tracklets that motion is predicted for in a frame; of the other hosts as many as were measured."""
MEASURED_TRACKLETS = 8
INSTANCES = {"minvis": 100, "idol": 100, "crossvis": 100, "pcan": 30, "unicorn": 30}
"""Predicted instances of a frame: MinVIS's queries; of the others about as many as pass their thresholds."""
KILOBYTES = 1.64
"""Of a predicted instance on disk: mask twice, scores, embedding (``make bench``: 164 kB a frame of MinVIS)."""
FEATURES = {"pcan": 14 * 14 * 256 * 4 / 1000}
"""Kilobytes that an instance needs beside that: the features that PCAN's refine head reads."""
HEAD = """# What the tables cost at paper scale

Made by `python -m benchmarks.cost` from [measurements](../benchmarks/measured/paper_scale_h200.csv) on one NVIDIA H200
(`python -m benchmarks.paper_scale` measures on yours) and the steps, batches and benchmarks of
[config/paper.yaml](../config/paper.yaml).
"""
MEASURED_HEAD = """## Measured

Networks of paper size on inputs of the benchmarks' sizes; a sample is a frame or, in training, a sample of the batch
(forward and backward of all phases). The difference is that of the outputs under autocast to bfloat16, relative to
single precision: `amp: true` is safe where it is below a hundredth; MinVIS's mask logits move by 3 %, so it predicts in
single precision.
"""
TRAININGS_HEAD = """## Derived: each training

Hours of one such GPU, without reading data, with `amp` as the setup has it. What several tables need is trained once.
"""
TABLES_HEAD = """## Derived: each table

A table alone, from nothing; inference without the CPU's part (association, evaluation). Disk is that of the cached
predictions and of weights, without the benchmarks themselves: MinVIS's frames were measured, those of the others follow
from the number of instances that pass their thresholds (taken as 100 for IDOL and CrossVIS, 30 for PCAN and Unicorn).
Memory is the largest of the pieces at the batches measured: InstMove's whole batch on one GPU, of MinVIS and IDOL one
of the parts (`training.parts`) that one GPU sees one after the other and torchrun's GPUs share, of CrossVIS, STCN and
RAFT two to four samples, whose whole batch fits too. Motion beside the training of STCN is counted as for eight objects
a frame, which is more than there are. CrossVIS's tracks never end and motion is predicted for all of them: on videos in
which many objects come and go it takes several times the eight a frame that are counted here.
"""


Key = tuple[str, bool, bool]


@dataclass(frozen=True)
class Speed:
    """Samples a second and gigabytes of GPU memory."""

    rate: float
    memory: float


Speeds = dict[Key, Speed]


@dataclass(frozen=True)
class Piece:
    """Something that a GPU does: ``samples`` of a network's training or inference; the disk is what it leaves."""

    name: str
    network: str
    training: bool
    samples: int
    gigabytes: float = 0.0
    amp: bool = False

    @property
    def key(self) -> Key:
        """Which measurement it goes by."""
        return self.network, self.training, self.amp


def main() -> None:
    """Write the page."""
    write_text(PAGE, page(load_setup("paper")))


def page(setup: Setup) -> str:
    """The page in Markdown."""
    with MEASURED.open(newline="", encoding="utf-8") as handle:
        lines = list(csv.DictReader(handle))
    speeds = speeds_of(lines)
    tables = [name for name in table_names(setup) if name != FULL_GRID]
    pieces = {name: list(dict.fromkeys(pieces_of(setup, available_results(setup, name)))) for name in tables}
    pieces["all of them"] = list(dict.fromkeys(piece for each in pieces.values() for piece in each))
    header = ["network", "work", "precision", "samples a second", "peak memory, GB", "difference"]
    blocks = [
        HEAD,
        MEASURED_HEAD,
        *_table(header, ([*line.values()] for line in lines)),
        "",
        TRAININGS_HEAD,
        *_table(["training", "samples", "hours", "GPU memory, GB"], _training_rows(pieces["all of them"], speeds)),
        "",
        TABLES_HEAD,
        *_table(
            ["table", "training, GPU-hours", "inference, GPU-hours", "GPU memory, GB", "disk, GB"],
            (_total(name, each, speeds) for name, each in pieces.items()),
        ),
    ]
    return "\n".join(blocks) + "\n"


def speeds_of(lines: Iterable[dict[str, str]]) -> Speeds:
    """What was measured, by network, whether it trained, and whether autocast was on."""
    return {
        (line["network"], line["work"].startswith("training"), line["precision"] == "bfloat16"): Speed(
            float(line["samples_per_second"]), float(line["peak_memory_gb"])
        )
        for line in lines
    }


def pieces_of(setup: Setup, results: Iterable[Result]) -> Iterator[Piece]:
    """What some results need, in the order of doing; a piece may come more than once."""
    for result in results:
        if result.host == PREDICTION:
            yield from _motion_pieces(setup, result.motion, result.benchmark)
            yield from _motion_inference(setup, result.motion, result.benchmark, 1)
        elif result.host == VOS:
            yield from _vos_pieces(setup, result)
        else:
            yield from _host_pieces(setup, result)


def _motion_pieces(setup: Setup, name: str | None, split: str) -> Iterator[Piece]:
    """The training of a motion model on a split, unless its weights are the authors' own."""
    model = setup["motion"]["models"].get(name, {})
    if "host" in model:
        yield from _host_training(setup, model["host"], copied_checkpoint(model, split))
    if model.get("kind") == "instmove" and "file" not in model:
        training = motion_on(setup["motion"], split)["training"]
        samples = training["iterations"] * training["batch_size"]
        yield Piece(f"train {name} on {split}", _network(model), True, samples, 0.3, training.get("amp", False))
    elif model.get("flow") == "finetuned":
        training = setup["flow"]["training"]
        frames = _frames(setup, split, training=True)
        yield Piece(f"label the flow of {split}", "RAFT", False, frames, frames * _flow_bytes(setup["flow"]) / 1e9)
        samples = training["iterations"] * training["batch_size"]
        yield Piece(f"fine-tune RAFT on {split}", "RAFT", True, samples, 0.1, training.get("amp", False))


def _motion_inference(setup: Setup, name: str | None, split: str, batches: int) -> Iterator[Piece]:
    model = setup["motion"]["models"].get(name, {})
    if model.get("kind") in ("instmove", "raft"):
        frames = _frames(setup, split)
        instmove = model["kind"] == "instmove"
        yield Piece(f"{name} on {split}", _network(model), False, frames * (batches if instmove else 1))


def _host_pieces(setup: Setup, result: Result) -> Iterator[Piece]:
    """The training of a host where its weights are not at hand, its predictions, and motion beside it."""
    benchmark = setup["benchmarks"][result.benchmark]
    split, name = benchmark["split"], benchmark["checkpoint"]
    yield from _host_training(setup, result.host, name)
    frames = _frames(setup, split)
    disk = frames * INSTANCES[result.host] * (KILOBYTES + FEATURES.get(result.host, 0)) / 1e6
    yield Piece(f"predict {result.host} {name} on {split}", result.host, False, frames, disk)
    model = setup["association"]["variants"][result.motion].get("model")
    yield from _motion_pieces(setup, model, benchmark["motion"])
    tracklets = TRACKLETS.get(result.host, MEASURED_TRACKLETS)
    for piece in _motion_inference(setup, model, split, ceil(tracklets / MEASURED_TRACKLETS)):
        yield Piece(f"{piece.name} beside {result.host}", piece.network, False, piece.samples)


def _host_training(setup: Setup, host: str, checkpoint: str) -> Iterator[Piece]:
    """That of a host's weights, unless they are the authors' own."""
    if "file" not in setup["hosts"][host]["checkpoints"][checkpoint]:
        training = setup["hosts"][host]["training"]
        samples = training["iterations"] * training["batch_size"]
        yield Piece(f"train {host} {checkpoint}", host, True, samples, 0.5, training.get("amp", False))


def _flow_bytes(flow: dict[str, Any]) -> int:
    """Of the labels of a frame of 16:9: two float16 a pixel."""
    return 4 * int(flow["longest"]) * round(flow["longest"] * 9 / 16)


def _vos_pieces(setup: Setup, result: Result) -> Iterator[Piece]:
    training = setup["vos"]["train"]["training"]
    variant = setup["association"]["variants"][result.motion]
    samples = training["iterations"] * training["batch_size"]
    branch = branch_of(variant)
    if branch == "motion":
        yield from _motion_pieces(setup, "instmove", setup["vos"]["motion"])
        instmove = _network(setup["motion"]["models"]["instmove"])
        yield Piece("InstMove beside the training of STCN", instmove, False, samples)
    name = f"train STCN, branch {branch}, seed {result.seed}"
    yield Piece(name, "STCN", True, samples, 0.2, training.get("amp", False))
    split = setup["vos"]["benchmarks"][result.benchmark]["split"]
    yield Piece(f"STCN {branch} on {result.benchmark}, seed {result.seed}", "STCN", False, _frames(setup, split))
    yield from _motion_inference(setup, variant.get("model"), split, 1)


def _network(model: dict[str, str]) -> str:
    return "RAFT" if model["kind"] == "raft" else f"InstMove {model['variant']}"


def _frames(setup: Setup, split: str, training: bool = False) -> int:
    """Frames of a split's validation part, or of the training part that was cut off the same dataset."""
    rule = setup["splits"][split]
    dataset = rule.get("val", rule["dataset"])
    videos = setup["datasets"][dataset]["expect"]["videos"]
    if rule["rule"] == "ovis_sub":
        scored = round(videos * OVIS_SUB_VIDEOS / OVIS_VIDEOS)
        videos = videos - scored if training else scored
    return ceil(videos * FRAMES[dataset] / rule["stride"])


def _hours(piece: Piece, speeds: Speeds) -> float:
    return piece.samples / speeds[piece.key].rate / 3600


def _training_rows(pieces: Iterable[Piece], speeds: Speeds) -> Iterator[list[str]]:
    for piece in pieces:
        if piece.training:
            hours, memory = _hours(piece, speeds), speeds[piece.key].memory
            yield [piece.name.removeprefix("train "), f"{piece.samples:,}", f"{hours:.1f}", f"{memory:.0f}"]


def _total(name: str, pieces: list[Piece], speeds: Speeds) -> list[str]:
    hours = [sum(_hours(piece, speeds) for piece in pieces if piece.training is trains) for trains in (True, False)]
    memory = max(speeds[piece.key].memory for piece in pieces)
    disk = sum(piece.gigabytes for piece in pieces)
    return [name, *(f"{value:.1f}" for value in hours), f"{memory:.0f}", f"{disk:.1f}"]


def _table(header: list[str], rows: Iterable[list[str]]) -> list[str]:
    return [markdown_row(header), "|" + "---|" * len(header), *(markdown_row(row) for row in rows)]


if __name__ == "__main__":
    main()
