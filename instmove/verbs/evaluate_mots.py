"""Score a result of multi-object tracking and segmentation in BDD100K's own format, whoever made it."""

import argparse

from instmove.config import setup_from
from instmove.reporting.arguments import add_foreign_arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_foreign_arguments(parser, "folder or archive of bitmasks or of RLE JSONs, or one JSON")


def run(args: argparse.Namespace) -> None:
    """Check the result, score it, write the metrics."""
    from instmove.metrics.bdd100k_results import read_results
    from instmove.metrics.mots_files import score_mots
    from instmove.metrics.result_files import read_result
    from instmove.provenance import origin_of
    from instmove.runtime import open_split

    setup = setup_from(args)
    dataset = open_split(setup, args.split)
    origin = origin_of(setup, dataset=dataset.name, splits=[args.split], method=args.method)
    score_mots(args.output, origin, read_results(args.result, dataset), sorted(dataset.categories))
    metrics = read_result(args.output)["metrics"]
    for name in ("mMOTSA", "mMOTSP", "mIDF1", "HOTA", "IDSW"):
        print(f"{name:7} {metrics[name]['value']:.4f}")
