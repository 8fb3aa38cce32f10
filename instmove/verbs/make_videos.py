"""Draw what the results page shows of single videos: filmstrips without and with a motion model."""

import argparse
from pathlib import Path

from instmove.config import add_setup_arguments, setup_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("benchmark", help="name under grid.videos in the setup")
    add_setup_arguments(parser)
    parser.add_argument("--split", type=Path, required=True, help="split file that was scored")
    parser.add_argument(
        "--metrics", type=Path, nargs="+", required=True, help="metrics files of each host without motion, then with it"
    )
    parser.add_argument("--output", type=Path, required=True, help="folder to write")


def run(args: argparse.Namespace) -> None:
    """Draw every video of the benchmark for every host."""
    from instmove.metrics.result_files import read_result
    from instmove.reporting.page.videos import write_videos
    from instmove.runtime import open_split

    pairs = list(zip(args.metrics[::2], args.metrics[1::2], strict=True))
    hosts = {read_result(before)["origin"]["method"]: (before, after) for before, after in pairs}
    write_videos(open_split(setup_from(args), args.split), hosts, args.output)
