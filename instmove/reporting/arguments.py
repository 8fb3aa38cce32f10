"""What verbs are given that plot results without and with a motion model, or score results of others."""

import argparse
from pathlib import Path

from instmove.config import add_setup_arguments


def add_pair_arguments(parser: argparse.ArgumentParser) -> None:
    """One host on one benchmark: its split, the two results, and the plot."""
    parser.add_argument("host", help="name under grid.hosts in the setup")
    parser.add_argument("benchmark", help="name under grid.benchmarks in the setup")
    add_setup_arguments(parser)
    parser.add_argument("--split", type=Path, required=True, help="split file that was scored")
    parser.add_argument(
        "--metrics",
        type=Path,
        nargs=2,
        required=True,
        help="metrics files without motion and with it, tracks beside them",
    )
    _add_plot(parser)


def add_hosts_arguments(parser: argparse.ArgumentParser) -> None:
    """Every host on one benchmark: two results of each, and the plot."""
    parser.add_argument("benchmark", help="name under grid.benchmarks in the setup")
    add_setup_arguments(parser)
    parser.add_argument(
        "--metrics", type=Path, nargs="+", required=True, help="metrics files of each host without motion, then with it"
    )
    _add_plot(parser)


def _add_plot(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", type=Path, required=True, help="plot to write, without suffix (PNG and SVG)")


def add_foreign_arguments(parser: argparse.ArgumentParser, result: str) -> None:
    """Somebody's result, which ``result`` describes, the split that it is scored on, and where its metrics go."""
    parser.add_argument("result", type=Path, help=result)
    add_setup_arguments(parser)
    parser.add_argument("--split", type=Path, required=True, help="split file with the videos that are scored")
    parser.add_argument("--method", default="unknown", help="what the result is of, for the record")
    parser.add_argument("--output", type=Path, required=True, help="metrics JSON to write; tracks beside it")
