"""Comparing a run's tables and CSVs with committed ones: numbers by tolerance, everything else exactly."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from instmove.errors import InstMoveError

Tolerances = Mapping[str, float]
"""Largest difference for each metric, as a fraction; the key "" is for all others."""
NOT_COMPARED = {"runs.csv", "cost.csv", "sensitivity.csv"}
"""When and where a run took place and how long it took; and what `tables` does not make."""


def check_reference(results: Path, reference: Path, tolerances: Tolerances) -> list[str]:
    """The differences between the CSVs below ``reference`` and those of the same names below ``results``.

    One line for each difference, none if the run agrees. Whole numbers and texts must be equal. Other numbers may
    differ by the tolerance of the row's ``metric``; a file without that column is a paper-shaped table, its numbers
    are percent and may differ by a hundred times the tolerance "".
    """
    names = sorted(path.relative_to(reference) for path in reference.rglob("*.csv") if path.name not in NOT_COMPARED)
    if not names:
        raise InstMoveError(f"{reference}: no CSV to compare with; check the folder of the reference results")
    return [problem for name in names for problem in _compare_file(name, results / name, reference / name, tolerances)]


def _compare_file(name: Path, found: Path, expected: Path, tolerances: Tolerances) -> Iterator[str]:
    if not found.exists():
        yield f"{name}: missing from the run"
        return
    ours, theirs = _read(found), _read(expected)
    if ours[:1] != theirs[:1]:
        yield f"{name}: header is {ours[:1]}, the reference has {theirs[:1]}"
        return
    if len(ours) != len(theirs):
        yield f"{name}: {len(ours) - 1} rows, the reference has {len(theirs) - 1}"
        return
    for number, (line, wanted) in enumerate(zip(ours[1:], theirs[1:], strict=True), 2):
        for problem in _compare_row(ours[0], line, wanted, tolerances):
            yield f"{name}:{number}: {problem}"


def _compare_row(header: list[str], found: list[str], expected: list[str], tolerances: Tolerances) -> Iterator[str]:
    default = tolerances.get("", 0.0)
    metric = dict(zip(header, expected, strict=True))["metric"] if "metric" in header else ""
    tolerance = tolerances.get(metric, default) if metric else 100 * default
    for column, value, other in zip(header, found, expected, strict=True):
        if not _agree(value, other, tolerance):
            yield f"{metric} {column} is {value or 'empty'}, the reference has {other or 'empty'}".strip()


def _read(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as handle:
        return list(csv.reader(handle))


def _agree(value: str, other: str, tolerance: float) -> bool:
    if value == other:
        return True
    if _is_whole(value) and _is_whole(other):
        return False
    try:
        return abs(float(value) - float(other)) <= tolerance
    except ValueError:
        return False


def _is_whole(text: str) -> bool:
    return text.removeprefix("-").isdigit()
