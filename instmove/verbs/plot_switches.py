"""Plot the identity switches of a benchmark with and without motion: of each class, and by length of gap."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from instmove.config import add_setup_arguments, setup_from

if TYPE_CHECKING:
    from instmove.metrics.mots_result import MotsResult


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("benchmark", help="name under grid.benchmarks in the setup")
    add_setup_arguments(parser)
    parser.add_argument(
        "--metrics", type=Path, nargs="+", required=True, help="metrics files of each host without motion, then with it"
    )
    parser.add_argument("--output", type=Path, required=True, help="plot to write, without suffix (PNG and SVG)")


def run(args: argparse.Namespace) -> None:
    """Draw a column of panels for each host."""
    from instmove.datasets.bdd100k import CATEGORIES
    from instmove.metrics.mots_files import load_result
    from instmove.metrics.result_files import read_result, samples_path
    from instmove.reporting.switch_plots import plot_switches

    grid = setup_from(args)["grid"]
    motions = grid["motions"] | {"none": "no motion"}
    hosts: dict[str, dict[str, MotsResult]] = {}
    for path in args.metrics:
        origin = read_result(path)["origin"]
        found = hosts.setdefault(grid["hosts"][origin["method"]], {})
        found[motions[origin["motion"]]] = load_result(samples_path(path))
    plot_switches(hosts, CATEGORIES, f"Identity switches on {grid['benchmarks'][args.benchmark]}", args.output)
