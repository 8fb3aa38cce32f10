"""Write a result of multi-object tracking and segmentation in another of BDD100K's formats."""

import argparse
from pathlib import Path

from instmove.config import add_setup_arguments, setup_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("result", type=Path, help="folder or archive of bitmasks or of RLE JSONs, or one JSON")
    parser.add_argument("format", choices=["bitmasks", "rles"], help="PNGs, or a JSON a video")
    add_setup_arguments(parser)
    parser.add_argument("--split", type=Path, required=True, help="split file with the videos of the result")
    parser.add_argument("--output", type=Path, required=True, help="folder or, for the server, archive (.zip) to write")


def run(args: argparse.Namespace) -> None:
    """Read, check, write."""
    from instmove.metrics.bdd100k_results import bitmask_files, read_results, rle_files, write_archive, write_folder
    from instmove.runtime import open_split

    results = read_results(args.result, open_split(setup_from(args), args.split))
    files = bitmask_files(results) if args.format == "bitmasks" else rle_files(results)
    (write_archive if args.output.suffix == ".zip" else write_folder)(args.output, files)
