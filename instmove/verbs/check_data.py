"""Check datasets on disk: without names which are there and what they enable, with names frames, masks and ids too.

Prints one row a dataset and then every problem; exits with 1 if there is one. Without names an absent dataset is none.
"""

import argparse
import sys
from collections.abc import Sequence

from instmove.config import Setup, add_setup_arguments, data_root, entry_of, setup_from
from instmove.errors import InstMoveError

HEADER = ("dataset", "videos", "frames", "tracks", "masks", "problems")
OVERVIEW = ("dataset", "present", "complete", "videos", "tables", "where")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the verb."""
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="datasets, as the setup calls them (default: an overview of all)"
    )
    parser.add_argument("--deep", action="store_true", help="decode every frame instead of reading its header")
    add_setup_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Check the named datasets, or look at all; 1 if there are problems."""
    setup = setup_from(args)
    problems = _check(setup, args.names, args.deep) if args.names else _overview(setup)
    for problem in problems:
        print(f"  {problem}", file=sys.stderr)
    return 1 if problems else 0


def _check(setup: Setup, names: Sequence[str], deep: bool) -> list[str]:
    from instmove.datasets.catalog import open_dataset
    from instmove.datasets.check import Report, check_dataset

    rows: list[tuple[str, ...]] = [HEADER]
    problems: list[str] = []
    for name in names:
        entry = entry_of(setup, "datasets", name)
        try:
            report = check_dataset(open_dataset(name, entry, data_root(setup)), entry, deep)
        except InstMoveError as error:
            report = Report(problems=[str(error)])
        truth = ("withheld", "withheld") if report.withheld else (str(report.tracks), str(report.masks))
        rows.append((name, str(report.videos), str(report.frames), *truth, str(len(report.problems))))
        problems += report.problems
    print(_table(rows))
    return problems


def _overview(setup: Setup) -> list[str]:
    from instmove.datasets.check import look_at
    from instmove.datasets.places import dataset_places
    from instmove.reporting.overview import aligned, short_names, states_text, tables_by_source, yes

    root, tables = data_root(setup), tables_by_source(setup)
    rows: list[tuple[str, ...]] = [OVERVIEW]
    problems: list[str] = []
    broken: list[str] = []
    for name, entry in setup["datasets"].items():
        places = dataset_places(entry, root)
        seen = look_at(name, entry, root)
        found = (yes(seen.present), yes(not seen.problems), str(seen.videos)) if seen.present else ("no", "-", "-")
        rows.append((name, *found, short_names(tables.get(f"dataset {name}", ())), str(places[0])))
        problems += seen.problems
        broken += [f"dataset {name}"] if seen.problems else []
    print(aligned(rows))
    print(states_text(setup, broken))
    return problems


def _table(rows: list[tuple[str, ...]]) -> str:
    """Columns as wide as their widest cell, names left, numbers right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *rest in rows:
        cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells]))
    return "\n".join(lines)
