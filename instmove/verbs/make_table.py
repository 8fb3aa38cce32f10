"""Write a table of the paper beside our numbers, as CSV, Markdown and LaTeX, from metrics files alone."""

import argparse
from functools import partial
from pathlib import Path

from instmove.config import add_setup_arguments, setup_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("table", help="name under tables in the setup, for example table2; or grid, grid_full")
    add_setup_arguments(parser)
    parser.add_argument("--results", type=Path, required=True, help="results folder of the setup; tables/ is below it")


def run(args: argparse.Namespace) -> None:
    """Write the table, and its results with their paired differences as a long CSV; print the table."""
    from instmove.files import write_text
    from instmove.reporting.build import build_table
    from instmove.reporting.cells import description_of, seeds_of
    from instmove.reporting.measured import Measurements
    from instmove.reporting.tables import to_markdown, write_table
    from instmove.reporting.tidy import tidy_csv

    setup = setup_from(args)
    description = description_of(setup, args.table)
    folder, measurements = args.results / "tables", Measurements(args.results, partial(seeds_of, setup))
    table = build_table(args.table, description, measurements, setup["seeds"][0])
    write_table(table, folder)
    write_text(folder / f"{args.table}_tidy.csv", tidy_csv(description, measurements, setup["seeds"][0]))
    print(to_markdown(table))
