"""Derive a split of a dataset: which videos, which frames, which tracks."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from instmove.config import Setup, add_setup_arguments, setup_from

if TYPE_CHECKING:
    from instmove.video import Dataset

DERIVED_SUFFIX = {"ytvis": ".json", "bdd100k": "", "davis": ".txt", "ytvos": ".json"}
"""What the parts are called in each benchmark's own format; BDD100K's is a folder."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("split", help="name under splits in the setup")
    add_setup_arguments(parser)
    parser.add_argument("--fold", type=int, default=0, help="of a cross-validation (default 0)")
    parser.add_argument("--train", type=Path, required=True, help="split file to write: the training part")
    parser.add_argument("--val", type=Path, required=True, help="split file to write: the validation part")
    parser.add_argument("--derive", type=Path, help="folder for both parts in the benchmark's own format, on request")


def run(args: argparse.Namespace) -> None:
    """Write the training and the validation part of one fold."""
    from instmove.config import entry_of
    from instmove.datasets.derive import write_derived_annotations
    from instmove.datasets.splits import sparse
    from instmove.errors import InstMoveError

    setup = setup_from(args)
    rule = entry_of(setup, "splits", args.split)
    count = rule.get("folds", 1)
    if args.fold not in range(count):
        raise InstMoveError(f"--fold {args.fold}: split '{args.split}' has {count} fold(s), counted from 0")
    for part, (dataset, names) in _parts(setup, rule, args.fold).items():
        split = sparse(f"{args.split}_{part}{args.fold}", dataset, names, rule["stride"])
        path = args.train if part == "train" else args.val
        split.save(path)
        print(f"{path}: {len(split.videos)} videos, {sum(len(v.frames) for v in split.videos)} frames, {split.digest}")
        if args.derive:
            layout = setup["datasets"][split.dataset]["format"]
            write_derived_annotations(dataset, split, layout, args.derive / f"{split.name}{DERIVED_SUFFIX[layout]}")


def _parts(setup: Setup, rule: dict[str, Any], fold: int) -> dict[str, tuple["Dataset", Sequence[str]]]:
    """The dataset of each part and its videos there."""
    from instmove.datasets.catalog import read_names
    from instmove.datasets.splits import derive_ovis_sub, folds

    dataset = _opened(setup, rule["dataset"])
    if rule["rule"] == "official":
        scored = _opened(setup, rule["val"])
        return {"train": (dataset, dataset.names), "val": (scored, scored.names)}
    if rule["rule"] == "ovis_sub":
        train, val = derive_ovis_sub(dataset.names, read_names(Path(rule["list"])) if "list" in rule else None)
    else:
        val = folds(dataset.names, rule["folds"])[fold]
        train = tuple(name for name in dataset.names if name not in val)
    return {"train": (dataset, train), "val": (dataset, val)}


def _opened(setup: Setup, name: str) -> "Dataset":
    """A dataset as large as it should be: everything else is made from splits, so another release is found out here."""
    from instmove.config import data_root
    from instmove.datasets.catalog import open_dataset
    from instmove.datasets.check import count_problem
    from instmove.errors import InstMoveError

    entry = setup["datasets"][name]
    dataset = open_dataset(name, entry, data_root(setup))
    problem = count_problem(dataset, entry)
    if problem:
        raise InstMoveError(problem)
    return dataset
