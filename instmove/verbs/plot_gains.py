"""Plot what motion gains: every host on every benchmark, from the long CSV of a grid."""

import argparse
from pathlib import Path

from instmove.config import add_setup_arguments, setup_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_setup_arguments(parser)
    parser.add_argument("--table", type=Path, required=True, help="long CSV of a grid")
    parser.add_argument("--output", type=Path, required=True, help="plot to write, without suffix (PNG and SVG)")


def run(args: argparse.Namespace) -> None:
    """Draw a panel for each benchmark of the grid."""
    from instmove.reporting.cells import grid_metrics
    from instmove.reporting.gain_plots import plot_gains, read_lines

    setup = setup_from(args)
    benchmarks = setup["grid"]["benchmarks"]
    metrics = {benchmark: grid_metrics(setup, benchmark)[0] for benchmark in benchmarks}
    title = "Gain over the same host without motion, 95 % intervals"
    plot_gains(read_lines(args.table, metrics), benchmarks, title, args.output)
