"""Check a dataset on disk: presence, official counts, frames, masks, ids.

Prints one row a dataset and then every problem; exits with 1 if there is one.
"""

import argparse
import sys

from instmove.config import add_setup_arguments, data_root, entry_of, setup_from
from instmove.errors import InstMoveError

HEADER = ("dataset", "videos", "frames", "tracks", "masks", "problems")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument("names", nargs="+", metavar="NAME", help="datasets, as the setup calls them")
    parser.add_argument("--deep", action="store_true", help="decode every frame instead of reading its header")
    add_setup_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Check the named datasets; 1 if there are problems."""
    from instmove.datasets.catalog import open_dataset
    from instmove.datasets.check import Report, check_dataset

    setup = setup_from(args)
    rows: list[tuple[str, ...]] = [HEADER]
    problems: list[str] = []
    for name in args.names:
        entry = entry_of(setup, "datasets", name)
        try:
            report = check_dataset(open_dataset(name, entry, data_root(setup)), entry, args.deep)
        except InstMoveError as error:
            report = Report(problems=[str(error)])
        truth = ("withheld", "withheld") if report.withheld else (str(report.tracks), str(report.masks))
        rows.append((name, str(report.videos), str(report.frames), *truth, str(len(report.problems))))
        problems += report.problems
    print(_table(rows))
    for problem in problems:
        print(f"  {problem}", file=sys.stderr)
    return 1 if problems else 0


def _table(rows: list[tuple[str, ...]]) -> str:
    """Columns as wide as their widest cell, names left, numbers right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *rest in rows:
        cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells]))
    return "\n".join(lines)
