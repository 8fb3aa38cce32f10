"""Plot the identity switches of a benchmark with and without motion: of each class, and by length of gap."""

import argparse
from typing import TYPE_CHECKING

from instmove.config import setup_from
from instmove.reporting.arguments import add_hosts_arguments

if TYPE_CHECKING:
    from instmove.metrics.mots_result import MotsResult


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_hosts_arguments(parser)


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
