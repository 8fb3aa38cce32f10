"""Write a table of the paper beside our numbers, as CSV, Markdown and LaTeX, from metrics files alone."""

import argparse
from pathlib import Path

from instmove.config import add_setup_arguments, setup_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("table", help="name under tables in the setup, for example table2")
    add_setup_arguments(parser)
    parser.add_argument("--results", type=Path, required=True, help="results folder of the setup; tables/ is below it")


def run(args: argparse.Namespace) -> None:
    """Write the table and the paired differences between its rows; print the table."""
    from instmove.config import entry_of
    from instmove.files import write_text
    from instmove.reporting.build import build_table, differences_csv
    from instmove.reporting.tables import to_markdown, write_table

    setup = setup_from(args)
    description, seed = entry_of(setup, "tables", args.table), setup["seeds"][0]
    folder = args.results / "tables"
    table = build_table(description, args.results, seed)
    write_table(table, folder)
    write_text(folder / f"{table.name}_differences.csv", differences_csv(description, args.results, seed))
    print(to_markdown(table))
