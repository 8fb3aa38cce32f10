"""What the paper leaves open, as comments beside the settings say it, with what the sensitivity runs measured.

A choice is a comment in a setup's file:

    # Open: what it is about
    #   chosen: what is done here
    #   why: where that comes from, and the alternative
    #   setting: its name under sensitivity.settings, if it is tried

Lines that go on are indented further.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from instmove.errors import InstMoveError
from instmove.reporting.tables import markdown_row

START = re.compile(r"^ *# Open: (.+)$")
FIELD = re.compile(r"^ *#   (chosen|why|setting): (.+)$")
MORE = re.compile(r"^ *#     (.+)$")
HEAD = """# What the paper leaves open, and what was chosen

Made by `instmove make-deviations` from the comments in [config/](../config); edit those. The effect is the range of
what other values gain over the chosen one, in points, over the hosts of the mini setup's sensitivity runs
(`snakemake sensitivity`): how much the choice could matter, not a reason for it.
"""


@dataclass(frozen=True)
class Choice:
    """Something that the paper leaves open."""

    topic: str
    chosen: str
    why: str
    setting: str = ""


def read_choices(path: Path) -> list[Choice]:
    """The choices in a setup's file, in its order; an incomplete one is an error that names it."""
    return [_choice(path, fields) for fields in _blocks(path.read_text(encoding="utf-8").splitlines())]


def _blocks(lines: Iterable[str]) -> Iterator[dict[str, str]]:
    """The fields of each choice, lines that go on joined."""
    fields: dict[str, str] = {}
    last = ""
    for line in [*lines, ""]:
        start, field, more = START.match(line), FIELD.match(line), MORE.match(line)
        if fields and not field and not more:
            yield fields
            fields = {}
        if start:
            fields, last = {"topic": start[1]}, "topic"
        elif fields and field:
            fields[field[1]], last = field[2], field[1]
        elif fields and more:
            fields[last] += f" {more[1]}"


def _choice(path: Path, fields: Mapping[str, str]) -> Choice:
    for name in ("chosen", "why"):
        if name not in fields:
            raise InstMoveError(f"{path}: the comment 'Open: {fields['topic']}' has no line '{name}:'")
    return Choice(**fields)


def deviations_text(choices: Sequence[Choice], sensitivity: Path) -> str:
    """The page of all choices; ``sensitivity`` is the CSV of a run, which need not be there."""
    effects = _effects(sensitivity)
    rows = [
        markdown_row([each.topic, each.chosen, each.why, effects.get(each.setting, "not run") if each.setting else ""])
        for each in choices
    ]
    header = [markdown_row(["topic", "chosen here", "why, and the alternative", "effect"]), "|---|---|---|---|"]
    return "\n".join([HEAD, *header, *rows]) + "\n"


def _effects(path: Path) -> dict[str, str]:
    """For each setting the least and the most that another value gains over the default, in points."""
    if not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8") as handle:
        lines = [line for line in csv.DictReader(handle) if line["over_default"]]
    found: dict[str, list[float]] = {}
    for line in lines:
        found.setdefault(line["setting"], []).append(100 * float(line["over_default"]))
    return {setting: f"{min(gains):+.1f} to {max(gains):+.1f}" for setting, gains in found.items()}
