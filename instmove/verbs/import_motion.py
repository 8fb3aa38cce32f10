"""Turn the authors' motion_model.pth into this project's format, checking every key."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("file", type=Path, help="the authors' motion_model.pth")
    parser.add_argument("--output", type=Path, required=True, help="safetensors file to write")


def run(args: argparse.Namespace) -> None:
    """Load strictly and save with the released settings."""
    from instmove.motion.instmove import RELEASED
    from instmove.network.checkpoint import load_released, save_network

    save_network(args.output, load_released(args.file), RELEASED)
