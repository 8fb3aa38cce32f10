"""Compare a setup's tables and CSVs with the committed ones."""

import argparse
from pathlib import Path

from instmove.config import ROOT, add_setup_arguments, setup_from

TOLERANCES = {"": 0.02}
"""Fractions. Processors differ in the last bits and training amplifies that; a change of the method moves more."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_setup_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Print what differs; exit 1 if anything does."""
    from instmove.reporting.reference import check_reference

    name = setup_from(args)["setup"]
    problems = check_reference(Path("results") / name, ROOT / "results" / "reference" / name, TOLERANCES)
    print("\n".join(problems) if problems else f"results/{name} agrees with results/reference/{name}")
    return int(bool(problems))
