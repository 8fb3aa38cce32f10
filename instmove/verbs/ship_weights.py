"""Copy trained weights and their training log into the repository, with digest, recipe and metrics in the manifest."""

import argparse
from pathlib import Path
from typing import Any

from instmove.config import Setup, add_setup_arguments, setup_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument(
        "name", help="of the file to write: raft, a host, a branch of STCN, or a motion model and its split"
    )
    add_setup_arguments(parser)
    parser.add_argument("--weights", type=Path, required=True, help="trained model.safetensors")
    parser.add_argument("--history", type=Path, required=True, help="its log.csv")
    parser.add_argument("--recipe", nargs="+", required=True, metavar="KEY", help="settings to record, dotted keys")


def run(args: argparse.Namespace) -> None:
    """Ship in half precision what the zoo has trained."""
    from instmove.network.checkpoint import write_halved
    from instmove.weights import ship

    setup = setup_from(args)
    half = args.weights.with_name("half.safetensors")
    write_halved(half, args.weights)
    recipe = {key: _setting(setup, key) for key in args.recipe}
    ship(args.name, half, args.history, recipe)
    half.unlink()


def _setting(setup: Setup, key: str) -> Any:
    from instmove.errors import InstMoveError

    value: Any = setup
    for part in key.split("."):
        if not isinstance(value, dict) or part not in value:
            raise InstMoveError(f"--recipe {key}: not a setting of setup '{setup['setup']}'")
        value = value[part]
    return value
