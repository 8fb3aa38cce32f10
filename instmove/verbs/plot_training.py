"""Plot the learning curves of the networks that a setup trained."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("logs", type=Path, nargs="+", help="log.csv files; their folders name the curves")
    parser.add_argument("--title", required=True)
    parser.add_argument("--output", type=Path, required=True, help="plot to write, without suffix (PNG and SVG)")


def run(args: argparse.Namespace) -> None:
    """Name each curve by the folders that tell the runs apart."""
    from instmove.reporting.learning_curves import plot_learning_curves

    folders = [path.parent.parts for path in args.logs]
    telling = [i for i, parts in enumerate(zip(*folders, strict=True)) if len(set(parts)) > 1]
    names = [" ".join(parts[i] for i in telling).replace("_", " ") or parts[-1] for parts in folders]
    plot_learning_curves(dict(zip(names, args.logs, strict=True)), args.title, args.output)
