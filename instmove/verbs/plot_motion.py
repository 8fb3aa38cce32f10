"""Plot the motion models of a split: error by displacement and by occlusion, and filmstrips of predictions."""

import argparse
from pathlib import Path

from instmove.config import add_setup_arguments, setup_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("split", help="name under splits in the setup")
    add_setup_arguments(parser)
    parser.add_argument("--splits", type=Path, nargs="+", required=True, help="split files, one a fold")
    parser.add_argument("--metrics", type=Path, nargs="+", required=True, help="metrics files of the models to show")
    parser.add_argument("--output", type=Path, required=True, help="folder for the plots")


def run(args: argparse.Namespace) -> None:
    """Write ``motion_error_<split>`` and ``filmstrips_<split>``, each as PNG and SVG."""
    from instmove.metrics.motion_files import load_samples
    from instmove.metrics.result_files import read_result, samples_path
    from instmove.reporting.cells import benchmark_name
    from instmove.reporting.error_plots import plot_motion_error
    from instmove.reporting.filmstrips import choose_samples, plot_filmstrips, quantiles_text
    from instmove.reporting.motion_looks import motion_name
    from instmove.runtime import joined, open_split

    setup = setup_from(args)
    results, kinds = {}, {}
    for path in args.metrics:
        model = read_result(path)["origin"]["motion"]
        shown = motion_name(model)
        results[shown], kinds[shown] = load_samples(samples_path(path)), setup["motion"]["models"][model]["kind"]
    place = benchmark_name(setup, args.split)
    plot_motion_error(results, f"Motion prediction on {place}", args.output / f"motion_error_{args.split}")
    learned = next((name for name, kind in kinds.items() if kind == "instmove"), list(kinds)[-1])
    rival = next((name for name, kind in kinds.items() if kind == "raft"), next(iter(kinds)))
    chosen = choose_samples(results[learned], results[rival])
    title = f"{place}: samples at the {quantiles_text()} percentile of the IoU of {learned} minus that of {rival}"
    dataset = joined([open_split(setup, path) for path in args.splits])
    plot_filmstrips(dataset, results, chosen, title, args.output / f"filmstrips_{args.split}")
