"""Plot object segmentation without a motion model and with it: filmstrips, and J over time of objects that return."""

import argparse
from pathlib import Path

from instmove.config import add_setup_arguments, setup_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("benchmark", help="name under vos.benchmarks in the setup")
    add_setup_arguments(parser)
    parser.add_argument("--splits", type=Path, nargs="+", required=True, help="split files that were scored")
    parser.add_argument(
        "--metrics",
        type=Path,
        nargs=2,
        required=True,
        help="metrics files without motion and with it, masks beside them",
    )
    parser.add_argument("--output", type=Path, required=True, help="folder of the plots (PNG and SVG)")


def run(args: argparse.Namespace) -> None:
    """Draw the three videos that gained most and the three that lost most, and the objects longest out of sight."""
    from instmove.metrics.result_files import read_result, samples_path
    from instmove.metrics.vos_files import load_objects
    from instmove.reporting.cells import benchmark_name
    from instmove.reporting.motion_looks import motion_name
    from instmove.reporting.object_plots import occluded_objects, plot_regions
    from instmove.reporting.object_strips import object_scenes, plot_object_strips
    from instmove.reporting.video_gains import extremes, gains_of
    from instmove.runtime import joined, open_split

    setup = setup_from(args)
    dataset = joined([open_split(setup, path) for path in args.splits])
    before, after = (read_result(path) for path in args.metrics)
    gains = gains_of(after, before)
    losses, most = extremes(gains, 3)
    files = dict(zip(("no motion", motion_name(after["origin"]["motion"])), args.metrics, strict=True))
    scenes = object_scenes(dataset, {video: gains[video] for video in (*most, *losses)}, files)
    place = f"STCN on {benchmark_name(setup, args.benchmark)}"
    plot_object_strips(
        scenes, f"{place}: what gained and lost most by motion", args.output / f"objects_{args.benchmark}"
    )
    results = {name: load_objects(samples_path(path)) for name, path in files.items()}
    occluded = occluded_objects(dataset, results["no motion"])
    title = f"{place}: objects that are out of sight (grey) and return"
    plot_regions(occluded, results, title, args.output / f"regions_{args.benchmark}")
