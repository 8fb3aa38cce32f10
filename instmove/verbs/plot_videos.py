"""Plot which videos of a benchmark a motion model helped and which it harmed, for every host."""

import argparse

from instmove.config import setup_from
from instmove.reporting.arguments import add_hosts_arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_hosts_arguments(parser)


def run(args: argparse.Namespace) -> None:
    """Draw a panel for each host."""
    from instmove.metrics.result_files import read_result
    from instmove.reporting.video_gains import gains_of, metric_of, plot_video_gains

    grid = setup_from(args)["grid"]
    results = [read_result(path) for path in args.metrics]
    gains = {
        grid["hosts"][before["origin"]["method"]]: gains_of(after, before)
        for before, after in zip(results[::2], results[1::2], strict=True)
    }
    motion = grid["motions"][results[1]["origin"]["motion"]]
    title = f"Videos of {grid['benchmarks'][args.benchmark]} that {motion} helped and harmed most"
    plot_video_gains(gains, metric_of(results[0]), title, args.output)
