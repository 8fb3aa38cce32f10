"""Write what the plug-in costs beside the host's network, as CSV and Markdown, from the records of runs."""

import argparse
from pathlib import Path

from instmove.config import add_setup_arguments, setup_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_setup_arguments(parser)
    parser.add_argument("--results", type=Path, required=True, help="results folder of the setup")


def run(args: argparse.Namespace) -> None:
    """Write cost.csv and cost.md of the grid's results that have been run; print the latter."""
    from instmove.files import write_text
    from instmove.reporting.cells import FULL_GRID, available_results, grid_motions
    from instmove.reporting.cost import cost_csv, cost_markdown, costs_of

    setup = setup_from(args)
    costs = costs_of(setup, available_results(setup, FULL_GRID), args.results)
    grid = setup["grid"]
    table = cost_markdown(costs, grid["hosts"], grid_motions(setup, full=True), grid["benchmarks"])
    write_text(args.results / "cost.csv", cost_csv(costs))
    write_text(args.results / "cost.md", table)
    print(table)
