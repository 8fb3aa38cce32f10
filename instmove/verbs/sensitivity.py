"""Say how much the plug-in's open settings matter, as CSV and plot, from the results of their trials."""

import argparse
from pathlib import Path

from instmove.config import add_setup_arguments, setup_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_setup_arguments(parser)
    parser.add_argument("--results", type=Path, required=True, help="results folder of the setup")


def run(args: argparse.Namespace) -> None:
    """Write sensitivity.csv and its plot."""
    from instmove.files import write_text
    from instmove.reporting.measured import Measurements
    from instmove.reporting.sensitivity_plots import measure_trials, plot_sensitivity, sensitivity_csv

    setup = setup_from(args)
    tried = measure_trials(setup, Measurements(args.results, lambda host: setup["seeds"][:1]))
    write_text(args.results / "sensitivity.csv", sensitivity_csv(tried))
    plot_sensitivity(tried, args.results / "plots/sensitivity")
