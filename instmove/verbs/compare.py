"""Compare two runs: which cells moved by more than their intervals."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("first", type=Path, help="results folder of a run, for example results/mini")
    parser.add_argument("second", type=Path, help="results folder of another")
    parser.add_argument("--output", "-o", type=Path, default=Path("compare.csv"), help="CSV to write (compare.csv)")


def run(args: argparse.Namespace) -> None:
    """Print what moved and what one of the runs lacks; write every metric of every result to the CSV."""
    from instmove.errors import InstMoveError
    from instmove.files import write_text
    from instmove.metrics.result_files import metrics_files
    from instmove.reporting.compare import changes_csv, compare_runs

    for folder in (args.first, args.second):
        if not metrics_files(folder):
            raise InstMoveError(f"{folder}: no metrics below it; give a results folder, for example results/mini")
    changes, alone = compare_runs(args.first, args.second)
    write_text(args.output, changes_csv(changes))
    moved = [each for each in changes if each.moved]
    summary = f"{len(moved)} of {len(changes)} numbers moved by more than their intervals: {args.output}"
    print("\n".join([*map(str, moved), *alone, summary]))
