"""Copy trained weights into the repository, with digest, recipe and metrics in the manifest."""

import argparse
from pathlib import Path

from instmove.config import add_setup_arguments, setup_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("name", choices=["raft"], help="what the weights are")
    add_setup_arguments(parser)
    parser.add_argument("--weights", type=Path, required=True, help="trained model.safetensors")
    parser.add_argument("--history", type=Path, required=True, help="its log.csv; the last row goes into the manifest")


def run(args: argparse.Namespace) -> None:
    """Ship in half precision what the zoo has trained."""
    import csv

    from instmove.flow.checkpoint import load_raft, save_raft
    from instmove.weights import ship

    setup = setup_from(args)
    with args.history.open(newline="", encoding="utf-8") as handle:
        last = list(csv.DictReader(handle))[-1]
    half = args.weights.with_name("half.safetensors")
    save_raft(half, load_raft(args.weights), half=True)
    recipe = {key: setup["flow"][key] for key in ("variant", "width", "levels", "longest", "crop", "base")}
    ship(args.name, half, recipe, {key: float(value) for key, value in last.items() if value})
    half.unlink()
