"""Divide a dataset's objects into those that disappear and return and the rest (Table 5's subsets)."""

import argparse
from pathlib import Path

from instmove.config import add_setup_arguments, setup_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("dataset", help="name under datasets in the setup")
    add_setup_arguments(parser)
    parser.add_argument("--occlusion", type=Path, required=True, help="split file to write: objects that return")
    parser.add_argument("--continuous", type=Path, required=True, help="split file to write: the others")


def run(args: argparse.Namespace) -> None:
    """Write both subsets and say how many objects each has."""
    from instmove.config import data_root, entry_of
    from instmove.datasets.catalog import open_dataset
    from instmove.datasets.occlusion import occlusion_subsets

    setup = setup_from(args)
    dataset = open_dataset(args.dataset, entry_of(setup, "datasets", args.dataset), data_root(setup))
    for split, path in zip(occlusion_subsets(dataset), (args.occlusion, args.continuous), strict=True):
        split.save(path)
        print(f"{path}: {sum(len(video.tracks or ()) for video in split.videos)} objects, {split.digest}")
