"""Fetch a data set or checkpoint that needs no login, as the setup's section downloads says."""

import argparse

from instmove.config import add_setup_arguments, data_root, entry_of, setup_from
from instmove.errors import InstMoveError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("name", help="under downloads in the setup")
    add_setup_arguments(parser)


def run(args: argparse.Namespace) -> None:
    """Fetch, verify, unpack; what is there already is left as it is."""
    from instmove.downloads import fetch

    setup = setup_from(args)
    if "downloads" not in setup:
        raise InstMoveError(f"setup '{setup['setup']}' has no section downloads; 'paper' has")
    print(fetch(entry_of(setup, "downloads", args.name), data_root(setup)))
