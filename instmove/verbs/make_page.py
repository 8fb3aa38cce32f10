"""Make the results page: index.html in the results folder, to be opened from disk."""

import argparse
from pathlib import Path

from instmove.config import add_setup_arguments, setup_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_setup_arguments(parser)
    parser.add_argument("--results", type=Path, required=True, help="results folder of the setup")


def run(args: argparse.Namespace) -> None:
    """Make the page from whatever the folder has."""
    from instmove.reporting.page.build import build_page

    build_page(setup_from(args), args.results)
    print(args.results / "index.html")
