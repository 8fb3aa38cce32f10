"""Score a result of video instance segmentation in YouTube-VIS's own format, whoever made it."""

import argparse

from instmove.config import setup_from
from instmove.reporting.arguments import add_foreign_arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_foreign_arguments(parser, "results.json as for the servers of YouTube-VIS and OVIS, or its zip")


def run(args: argparse.Namespace) -> None:
    """Check the result, score it, write the metrics."""
    from instmove.errors import InstMoveError
    from instmove.metrics.result_files import read_result
    from instmove.metrics.video_scoring import write_scored
    from instmove.metrics.ytvis_results import read_results
    from instmove.provenance import origin_of
    from instmove.reporting.measured import VIDEO_METRICS
    from instmove.runtime import open_split

    setup = setup_from(args)
    dataset = open_split(setup, args.split)
    if dataset.withheld:
        raise InstMoveError(f"{args.split}: the truth of {dataset.name} is withheld; its server scores this result")
    origin = origin_of(setup, dataset=dataset.name, splits=[args.split], method=args.method)
    write_scored(args.output, origin, read_results(args.result, dataset))
    metrics = read_result(args.output)["metrics"]
    for name in VIDEO_METRICS:
        print(f"{name:5} {100 * metrics[name]['value']:.1f}")
