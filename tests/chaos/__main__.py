"""``make chaos``: does the workflow survive bad nights? All results must be, byte for byte, those of a quiet one.

Not part of the tests: it takes a while. Works on a frozen copy of the checkout, on CPU, with the smoke setup. Prints
what the user would have seen of each failure, and at the end which nights did not end well.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.chaos import scenarios
from tests.chaos.workplace import Trouble, Workplace, differences, prepare

Night = Callable[[Workplace], None]


def main() -> int:
    """Run the nights; 1 if one of them did not end well."""
    parser = argparse.ArgumentParser(description=__doc__, prog="make chaos")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="an empty folder to work in, kept (default: a temporary one)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (args.folder or Path(temporary)).resolve()
        failures = nights(folder, args.kills, args.seed)
    for failure in failures:
        print(failure)
    print("nothing was lost" if not failures else f"{len(failures)} nights did not end well")
    return 1 if failures else 0


def nights(folder: Path, kills: int, seed: int) -> list[str]:
    """A quiet run, then each scenario in a folder of its own; the failures, a line each."""
    quiet = prepare(folder / "quiet")
    started = time.monotonic()
    quiet.finish()
    seconds, truth = time.monotonic() - started, quiet.digests()
    print(f"quiet: {len(truth)} files in {seconds:.0f} s", flush=True)
    rng = random.Random(seed)
    planned: dict[str, Night] = {
        "killed worker": lambda place: scenarios.killed_worker(place, rng, _say),
        "full disk": lambda place: scenarios.full_disk(place, quiet.size(), _say),
        "broken cache": lambda place: scenarios.broken_cache(place, rng, _say),
        "two at once": lambda place: scenarios.two_at_once(place, _say),
    }
    failures = _killed(folder, kills, seconds, truth, rng)
    for name, night in planned.items():
        failures += _failures(name, prepare(folder / name.replace(" ", "_")), night, truth)
    return failures


def _killed(folder: Path, kills: int, quiet: float, truth: dict[str, str], rng: random.Random) -> list[str]:
    """So many kills; where the workflow ends before they are up, it starts once more from nothing."""
    failures: list[str] = []
    left, number = kills, 0
    while left > 0 and not failures:
        number += 1
        deaths = scenarios.Deaths(left, quiet, rng)
        failures = _failures(f"killed, run {number}", prepare(folder / f"killed{number}"), deaths.visit, truth)
        left -= deaths.count
        _say(f"{kills - left} of {kills} kills")
    return failures


def _failures(name: str, place: Workplace, night: Night, truth: dict[str, str]) -> list[str]:
    started = time.monotonic()
    print(f"{name}:", flush=True)
    try:
        night(place)
    except Trouble as trouble:
        return [f"{name}: {trouble}"]
    differing = differences(truth, place.digests())
    print(f"{name}: {len(differing)} files differ, {time.monotonic() - started:.0f} s", flush=True)
    return [f"{name}: differ: {', '.join(differing)}"] if differing else []


def _say(line: str) -> None:
    print(f"    {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
