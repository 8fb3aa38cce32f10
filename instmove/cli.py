"""``instmove VERB``: verbs are entry points, so a package beside this one can add its own.

A verb is a module with ``add_arguments(parser)`` and ``run(args)``; its docstring's first line is its help.
Such modules import nothing heavy at the top, so that every process starts fast.
"""

import argparse
import os
import sys
from concurrent.futures import BrokenExecutor
from importlib.metadata import EntryPoints, entry_points

from instmove import __version__
from instmove.errors import InstMoveError

VERB_GROUP = "instmove.verbs"


def verbs() -> EntryPoints:
    """All installed verbs, sorted by name."""
    return EntryPoints(sorted(entry_points(group=VERB_GROUP), key=lambda entry: entry.name))


def build_parser(selected: str | None) -> argparse.ArgumentParser:
    """The argument parser; only the selected verb (all of them for help) is imported."""
    parser = argparse.ArgumentParser(prog="instmove", description="InstMove: instance motion, made reproducible.")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for entry in verbs():
        if selected in (None, entry.name):
            module = entry.load()
            summary = (module.__doc__ or "").strip().splitlines()[0]
            command = commands.add_parser(entry.name, help=summary, description=module.__doc__)
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run one verb; 0 on success, 1 on an error with a one-line message, 2 on wrong usage."""
    # numpy's matrix products take all cores unless told before it is imported. Ours are small, and while other jobs
    # have the cores its threads wait for each other: a mask IoU of 0.1 ms took 66 ms.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    arguments = sys.argv[1:] if argv is None else argv
    names = {entry.name for entry in verbs()}
    selected = arguments[0] if arguments and arguments[0] in names else None
    args = build_parser(selected).parse_args(arguments)
    try:
        return args.run(args) or 0
    except InstMoveError as error:
        problem = str(error)
    except PermissionError as error:
        problem = f"{error.filename}: {error.strerror}; check who may read or write it"
    except BrokenExecutor:
        problem = "one of its processes was killed, perhaps for want of memory; run it again"
    print(f"instmove {args.verb}: error: {problem}", file=sys.stderr)
    return 1
