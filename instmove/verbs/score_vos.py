"""Score a folder of results of video object segmentation, ours or anybody's, by J and F."""

import argparse
from pathlib import Path

from instmove.config import add_setup_arguments, setup_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("benchmark", help="name under vos.benchmarks in the setup")
    add_setup_arguments(parser)
    parser.add_argument("--splits", type=Path, nargs="+", required=True, help="split files, the folds of one split")
    parser.add_argument("--results", type=Path, required=True, help="folder with <video>/<frame>.png, object ids")


def run(args: argparse.Namespace) -> None:
    """Print J and F of every object, then the benchmark's metrics, in percent."""
    import numpy as np

    from instmove.config import entry_of
    from instmove.metrics.vos_result import STATISTICS, vos_result
    from instmove.metrics.vos_scoring import score_folder, seen_in_training
    from instmove.runtime import joined, open_split, prepare

    setup = setup_from(args)
    prepare(setup)
    benchmark = entry_of(setup["vos"], "benchmarks", args.benchmark)
    dataset = joined([open_split(setup, path) for path in args.splits])
    scored = score_folder(args.results, dataset, benchmark["protocol"])
    result = vos_result(scored, seen_in_training(setup, benchmark["split"], dataset))
    for name, j, f in zip(result.videos, result.j[:, 0], result.f[:, 0], strict=True):
        print(f"{name:40} J {100 * j:5.1f}  F {100 * f:5.1f}")
    once = np.ones((1, len(result.videos)), dtype=np.int64)
    for name, statistic in STATISTICS[benchmark["protocol"]].items():
        print(f"{name:40} {100 * statistic(result, once)[0]:7.1f}")
