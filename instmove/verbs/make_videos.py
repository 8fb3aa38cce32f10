"""Show what motion did to single videos: those that gained and lost most as a plot, all of them as filmstrips."""

import argparse
from pathlib import Path

from instmove.config import setup_from
from instmove.reporting.arguments import add_hosts_arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_hosts_arguments(parser)
    parser.add_argument("--splits", type=Path, nargs="+", required=True, help="split files that were scored")
    parser.add_argument("--folder", type=Path, required=True, help="where the filmstrips for the results page go")


def run(args: argparse.Namespace) -> None:
    """Draw a panel for each host, and every video of the benchmark for every host."""
    from instmove.metrics.result_files import read_result
    from instmove.reporting.page.videos import write_videos
    from instmove.reporting.video_gains import gains_of, metric_of, plot_video_gains
    from instmove.runtime import joined, open_split

    setup = setup_from(args)
    grid, results = setup["grid"], {path: read_result(path) for path in args.metrics}
    pairs = list(zip(args.metrics[::2], args.metrics[1::2], strict=True))
    hosts = {results[before]["origin"]["method"]: (before, after) for before, after in pairs}
    gains = {grid["hosts"][host]: gains_of(results[after], results[before]) for host, (before, after) in hosts.items()}
    first, second = (results[path] for path in pairs[0])
    motion, place = grid["motions"][second["origin"]["motion"]], grid["benchmarks"][args.benchmark]
    title = f"Videos of {place} that {motion} helped and harmed most"
    plot_video_gains(gains, metric_of(first), title, args.output)
    write_videos(joined([open_split(setup, path) for path in args.splits]), hosts, args.folder)
