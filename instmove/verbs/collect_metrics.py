"""Gather all metrics of a setup in metrics.csv and all runs in runs.csv."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("--results", type=Path, required=True, help="results folder of a setup")


def run(args: argparse.Namespace) -> None:
    """Read everything below metrics/ and write the two CSVs beside it."""
    from instmove.reporting.collect import collect

    collect(args.results, args.results / "metrics.csv", args.results / "runs.csv")
