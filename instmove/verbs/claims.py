"""Judge the paper's claims by a setup's results: claims.csv and a plot of all of them."""

import argparse
import sys
from functools import partial
from pathlib import Path

from instmove.config import add_setup_arguments, setup_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_setup_arguments(parser)
    parser.add_argument("--results", type=Path, required=True, help="results folder of the setup")


def run(args: argparse.Namespace) -> int:
    """Judge every claim on what was run; exit 1, judging nothing, if results do not fit together."""
    from instmove.reporting.agreement import disagreements
    from instmove.reporting.cells import seeds_of
    from instmove.reporting.claim_plot import plot_claims
    from instmove.reporting.claims import read_claims
    from instmove.reporting.measured import Measurements
    from instmove.reporting.verdicts import VERDICTS, judge, read_verdicts, write_verdicts

    setup = setup_from(args)
    if problems := disagreements(args.results):
        print("\n".join(problems), file=sys.stderr)
        page = f"instmove make-page --setup {setup['setup']} --results {args.results}"
        print(f"{args.results}: these results do not fit together; delete and run them again", file=sys.stderr)
        print(f"the page shows them, too, in red: {page}", file=sys.stderr)
        return 1
    measurements = Measurements(args.results, partial(seeds_of, setup))
    verdicts = [judge(setup, claim, measurements) for claim in read_claims()]
    write_verdicts(verdicts, args.results / "claims.csv")
    lines = read_verdicts(args.results / "claims.csv")
    plot_claims(lines, f"The paper's claims in setup {setup['setup']}, 95 % intervals", args.results / "plots/claims")
    for name in VERDICTS:
        print(f"{name:10} {sum(verdict.verdict == name for verdict in verdicts):3}")
    return 0
