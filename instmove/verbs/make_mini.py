"""Draw the mini benchmark: procedural video in the layouts of OVIS, YouTube-VIS, BDD100K, DAVIS and YouTube-VOS.

Folders that are already there from the same generator, seed and sizes are left alone. Prints what the videos are like.
"""

import argparse
from pathlib import Path

from instmove.config import add_setup_arguments, data_root, setup_from
from instmove.errors import InstMoveError

PRETRAINING = "pretraining"
"""Folder below the data root for clips of another seed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_setup_arguments(parser)
    parser.add_argument("--output", type=Path, help="folder to write to (default: the setup's data_root)")
    parser.add_argument("--seed", type=int, help="another draw of everything (default: the setup's)")
    parser.add_argument(
        "--pretraining",
        action="store_true",
        help="instead, the clips that only hosts learn from (generate.pretraining)",
    )
    parser.add_argument("--only", help="these worlds alone: comma-separated names from the setup's generate.sizes")
    parser.add_argument("--workers", type=int, default=2, help="processes (default 2); the bytes do not depend on it")


def run(args: argparse.Namespace) -> None:
    """Write what is missing and print the statistics."""
    from instmove.datasets.synthetic.build import build_mini
    from instmove.datasets.synthetic.measure import table

    setup = setup_from(args)
    if "generate" not in setup:
        raise InstMoveError(f"setup '{args.setup}' generates nothing; its data is under data_root")
    chosen, root = setup["generate"], data_root(setup)
    if args.pretraining:
        if "pretraining" not in chosen:
            raise InstMoveError(f"setup '{args.setup}' has no generate.pretraining; leave --pretraining out")
        chosen, root = chosen["pretraining"], root / PRETRAINING
    sizes = chosen["sizes"]
    names = args.only.split(",") if args.only else list(sizes)
    unknown = sorted(set(names) - set(sizes))
    if unknown:
        raise InstMoveError(f"--only {unknown[0]}: not in generate.sizes; choose from {', '.join(sizes)}")
    seed = chosen["seed"] if args.seed is None else args.seed
    root = args.output or root
    manifest = build_mini(root, seed, {name: sizes[name] for name in names}, args.workers)
    found = manifest["datasets"].values()
    print(table({world: column for marker in found for world, column in marker["statistics"].items()}))
    total = sum(marker["size"]["bytes"] for marker in found)
    print(f"{root}: seed {manifest['seed']}, generator {manifest['generator']}, {total / 1e6:.1f} MB")
