"""Plot the learning curves of networks."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument(
        "curves", nargs="+", metavar="NAME=LOG", help="the log.csv of a training under the name it gets"
    )
    parser.add_argument("--title", required=True)
    parser.add_argument("--output", type=Path, required=True, help="plot to write, without suffix (PNG and SVG)")


def run(args: argparse.Namespace) -> None:
    """Read the logs and draw them into one figure."""
    from instmove.errors import InstMoveError
    from instmove.reporting.learning_curves import plot_learning_curves

    logs = {}
    for curve in args.curves:
        name, separator, path = curve.partition("=")
        if not separator:
            raise InstMoveError(f"{curve}: not NAME=LOG; say what the curve is called, as in minvis={curve}")
        logs[name] = Path(path)
    plot_learning_curves(logs, args.title, args.output)
