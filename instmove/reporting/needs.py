"""What a result needs from outside, dataset files and the authors' checkpoints, and what of it is not there.

The workflow reads this whenever Snakemake starts, so it imports nothing heavy and asks only whether files are there
and may be read.
"""

import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from instmove.config import copied_checkpoint, data_root
from instmove.datasets.places import dataset_places
from instmove.reporting.cells import (
    PREDICTION,
    VOS,
    Result,
    Setup,
    available_results,
    branch_name,
    branch_of,
    table_names,
)
from instmove.weights import shipped_weights

RESNET, RAFT, STATIC, AUTHORS = "ResNet-50", "RAFT", f"{VOS}, static pre-training", "InstMove, the authors' weights"
"""What checkpoints are of (:attr:`Need.of`), but for those of hosts."""


class Need(NamedTuple):
    """A file or folder that nothing in the workflow makes, and what it is of."""

    path: Path
    of: str


Lacking = Mapping[Result, tuple[Need, ...]]
"""The results that cannot be made, each with what is not there."""


def lacking(setup: Setup, broken: Collection[str] = ()) -> Lacking:
    """What each result of the setup's tables needs and does not find; results that lack nothing are left out.

    What is ``broken`` (:attr:`Need.of`) counts as not there.
    """
    results = dict.fromkeys(result for table in table_names(setup) for result in available_results(setup, table))
    there: dict[Path, bool] = {}
    found = {}
    for result in results:
        needed = needs(setup, result)
        for path, _ in needed:
            if path not in there:
                there[path] = os.access(path, os.R_OK)
        absent = tuple(need for need in needed if need.of in broken or not there[need.path])
        if absent:
            found[result] = absent
    return found


def makeable(setup: Setup, table: str, missing: Lacking) -> list[Result]:
    """The results of a table that lack nothing."""
    return [result for result in available_results(setup, table) if result not in missing]


def needs(setup: Setup, result: Result) -> list[Need]:
    """What a result needs, each once; nothing for generated data, shipped weights and what the workflow trains."""
    if result.host == PREDICTION:
        found = [*_split(setup, result.benchmark), *_model(setup, result.motion, result.benchmark)]
    elif result.host == VOS:
        found = [*_vos(setup, result)]
    else:
        benchmark = setup["benchmarks"][result.benchmark]
        found = [
            *_split(setup, benchmark["split"]),
            *_host(setup, result.host, benchmark["checkpoint"]),
            *_plugged(setup, result.motion, benchmark["motion"]),
        ]
    return list(dict.fromkeys(found))


def dataset_needs(setup: Setup, name: str) -> list[Need]:
    """The files of a dataset, unless it is drawn by the workflow."""
    if "generate" in setup:
        return []
    return [Need(path, f"dataset {name}") for path in dataset_places(setup["datasets"][name], data_root(setup))]


def checkpoint_needs(setup: Setup) -> list[Need]:
    """Every checkpoint file that a setup names, each once."""
    found = [*_imagenet(setup), *_flow(setup)]
    for host, entry in setup["hosts"].items():
        for name, checkpoint in entry["checkpoints"].items():
            found += _file(checkpoint, host, name)
    if "train" in setup.get("vos", {}):
        found += _static(setup)
    found += [_authors(setup, name) for name, entry in setup["motion"]["models"].items() if "file" in entry]
    return list(dict.fromkeys(found))


def _split(setup: Setup, name: str) -> Iterator[Need]:
    """A split is made as a whole, its training part and its validation part."""
    for key in ("dataset", "val"):
        if key in setup["splits"][name]:
            yield from dataset_needs(setup, setup["splits"][name][key])


def _learning(setup: Setup, name: str) -> Iterator[Need]:
    """What a motion model that is scored on a split learns from."""
    source = setup["splits"][name].get("learn_from", name)
    for split in (source, *setup["splits"][source].get("with", ())):
        yield from _split(setup, split)


def _model(setup: Setup, name: str, split: str) -> Iterator[Need]:
    """A motion model that learned from a split, as :func:`workflow.rules.common.weights_of` finds its weights."""
    entry = setup["motion"]["models"][name]
    if entry["kind"] == "raft":
        yield from _flow(setup)
        if entry["flow"] == "finetuned":
            yield from _split(setup, split)
    elif "file" in entry:
        yield _authors(setup, name)
    elif entry["kind"] == "instmove":
        yield from _learning(setup, split)
        if entry["image"] == "full":
            yield from _imagenet(setup)
        elif entry["image"] == "fixed":
            yield from _host(setup, entry["host"], copied_checkpoint(entry, split))


def _authors(setup: Setup, name: str) -> Need:
    return Need(Path(setup["motion"]["models"][name]["file"]), AUTHORS)


def _plugged(setup: Setup, variant: str, split: str) -> Iterator[Need]:
    """The motion model that a variant adds to a host, if it has weights."""
    model = setup["association"]["variants"][variant].get("model", "oracle")
    if model != "oracle" and shipped_weights(setup, f"{model}_{split}") is None:
        yield from _model(setup, model, split)


def _host(setup: Setup, host: str, name: str) -> Iterator[Need]:
    checkpoint = setup["hosts"][host]["checkpoints"][name]
    if "file" not in checkpoint and shipped_weights(setup, host):
        return
    yield from _file(checkpoint, host, name)
    for split in checkpoint.get("train_on", ()):
        yield from _split(setup, split)


def _file(checkpoint: Mapping[str, str], host: str, name: str) -> list[Need]:
    """The authors' file itself, or the one that training starts from."""
    whose = {"file": weights_of(host, name), "initial": start_of(host)}
    return [Need(Path(checkpoint[key]), of) for key, of in whose.items() if key in checkpoint]


def weights_of(host: str, name: str) -> str:
    """What a host's checkpoint is of (:attr:`Need.of`)."""
    return f"{host}, {name}"


def start_of(host: str) -> str:
    """What the file is of that a host's training starts from."""
    return f"{host}, to start from"


def _vos(setup: Setup, result: Result) -> Iterator[Need]:
    vos, variant = setup["vos"], setup["association"]["variants"][result.motion]
    branch = branch_of(variant)
    yield from _split(setup, vos["benchmarks"][result.benchmark]["split"])
    yield from _plugged(setup, result.motion, vos["motion"])
    if shipped_weights(setup, branch_name(branch, result.seed)) is None:
        yield from _static(setup)
        for split in (*vos["train"]["static"].get("train_on", ()), *vos["train"]["clips"]):
            yield from _split(setup, split)
        if "model" in variant:
            yield from _plugged(setup, "instmove", vos["motion"])


def _static(setup: Setup) -> list[Need]:
    static = setup["vos"]["train"]["static"]
    return [Need(Path(static["file"]), STATIC)] if "file" in static else []


def _flow(setup: Setup) -> list[Need]:
    return [Need(Path(setup["flow"]["checkpoint"]), RAFT)] if "checkpoint" in setup["flow"] else []


def _imagenet(setup: Setup) -> list[Need]:
    """What the image encoder of InstMove starts from."""
    return [Need(Path(setup["motion"]["imagenet"]), RESNET)] if "imagenet" in setup["motion"] else []
