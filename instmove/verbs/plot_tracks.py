"""Filmstrips of the videos that gained and lost most: a host's tracks without and with a motion model."""

import argparse

from instmove.config import setup_from
from instmove.reporting.arguments import add_pair_arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_pair_arguments(parser)


def run(args: argparse.Namespace) -> None:
    """Draw the three videos that gained most, then the three that lost most."""
    from instmove.metrics.result_files import read_result
    from instmove.reporting.track_strips import plot_track_strips, scenes_of
    from instmove.reporting.video_gains import extremes, gains_of
    from instmove.runtime import open_split

    setup = setup_from(args)
    grid = setup["grid"]
    before, after = (read_result(path) for path in args.metrics)
    gains = gains_of(after, before)
    losses, most = extremes(gains, 3)
    motion = grid["motions"][after["origin"]["motion"]]
    chosen = {video: gains[video] for video in (*most, *losses)}
    files = dict(zip(("no motion", motion), args.metrics, strict=True))
    scenes = scenes_of(open_split(setup, args.split), chosen, files)
    place = f"{grid['hosts'][args.host]} on {grid['benchmarks'][args.benchmark]}"
    title = f"{place}: what gained and lost most by {motion} (red box: the object gets another identity)"
    plot_track_strips(scenes, title, args.output)
