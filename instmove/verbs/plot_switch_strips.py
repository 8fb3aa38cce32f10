"""Filmstrips of the identity switches that a motion model fixed in a host's tracks, and of those it introduced."""

import argparse

from instmove.config import setup_from
from instmove.reporting.arguments import add_pair_arguments

SHOWN = 3
"""Of either kind."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_pair_arguments(parser)


def run(args: argparse.Namespace) -> None:
    """Draw the fixed switches after the longest gaps, then the introduced ones."""
    from instmove.metrics.mots_files import load_result
    from instmove.metrics.result_files import read_result, samples_path
    from instmove.reporting.switch_strips import choose, plot_switch_strips, strips_of, switches_at
    from instmove.runtime import open_split

    setup = setup_from(args)
    grid = setup["grid"]
    before, after = (load_result(samples_path(path)) for path in args.metrics)
    motion = grid["motions"][read_result(args.metrics[1])["origin"]["motion"]]
    files = dict(zip(("no motion", motion), args.metrics, strict=True))
    fixed, introduced = choose(before, after, SHOWN), choose(after, before, SHOWN)
    switched = {name: switches_at(result) for name, result in zip(files, (before, after), strict=True)}
    strips = strips_of(open_split(setup, args.split), fixed, introduced, files, switched)
    place = f"{grid['hosts'][args.host]} on {grid['benchmarks'][args.benchmark]}"
    plot_switch_strips(strips, f"{place}: identity switches that {motion} fixed and introduced", args.output)
