"""Check the checkpoint files that a setup names: presence, completeness, whether they load, what they enable.

Prints a row a file, then how much of each table can be made. What is absent is no error; what is broken is listed and
exits with 1, and so are shipped weights that are not what their manifest says, where the setup uses those.
"""

import argparse
import sys

from instmove.config import add_setup_arguments, setup_from

HEADER = ("file", "for", "present", "complete", "loads", "tables", "found")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_setup_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Read every file and load it into the network that it is for; 1 if one is broken."""
    from baselines.weights_check import look_at
    from instmove.reporting.overview import aligned, short_names, states_text, tables_by_source, yes
    from instmove.weights import verify_shipped

    setup = setup_from(args)
    files, tables = list(look_at(setup)), tables_by_source(setup)
    changed = verify_shipped() if setup["weights"] == "shipped" else []
    for problem in changed:
        print(problem, file=sys.stderr)
    if not files:
        print(f"setup {setup['setup']} names no checkpoint file")
        return int(bool(changed))
    rows: list[tuple[str, ...]] = [HEADER]
    for file in files:
        checked = [yes(file.present), *(yes(value) if file.present else "-" for value in (file.complete, file.loads))]
        found = file.said if file.loads else "broken, see below" if file.broken else "-"
        rows.append((str(file.path), file.of, *checked, short_names(tables.get(file.of, ())), found))
    print(aligned(rows))
    broken = [file for file in files if file.broken]
    print(states_text(setup, [file.of for file in broken]))
    for file in broken:
        print(f"  {file.said}", file=sys.stderr)
    return int(bool(broken or changed))
