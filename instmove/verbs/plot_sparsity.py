"""Plot AP against how sparsely the videos are sampled, from the long CSV of Table 9."""

import argparse
from pathlib import Path

from instmove.config import add_setup_arguments, setup_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_setup_arguments(parser)
    parser.add_argument("--table", type=Path, required=True, help="long CSV of the table")
    parser.add_argument("--output", type=Path, required=True, help="plot to write, without suffix (PNG and SVG)")


def run(args: argparse.Namespace) -> None:
    """Draw a panel for each host of the table."""
    from instmove.reporting.gain_plots import plot_sparsity, read_lines

    setup = setup_from(args)
    strides = {name: setup["splits"][entry["split"]]["stride"] for name, entry in setup["benchmarks"].items()}
    lines = read_lines(args.table, {})
    shown = {line["benchmark"]: strides[line["benchmark"]] for line in lines}
    plot_sparsity(lines, shown, "AP at several frame rates, 95 % intervals", args.output)
