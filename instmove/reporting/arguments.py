"""What verbs that plot results without and with a motion model are given."""

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
