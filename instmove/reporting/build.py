"""From a table's description in the config, the metrics files and the paper's numbers to a table.

A description is a mapping: ``table`` (its number), ``path`` (where a cell's metrics file lies below the results
folder, with the fields of row, column and ``seed`` in braces), ``rows`` (``label``, ``variant``, ``paper``: the row's
id among the paper's numbers, and the fields that ``path`` asks for), ``columns`` (``label``, ``group``, ``paper``,
``metric``, fields), ``notes`` of our own, and ``differences`` (``of`` and ``against``: lists of rows, each
named by its label and variant with a space between).
"""

from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

from instmove.errors import InstMoveError
from instmove.metrics.bootstrap import DRAWS, STATISTICS, difference
from instmove.metrics.result_files import load_samples, read_result, samples_path
from instmove.reporting.paper import PaperTable, paper_table, require_known
from instmove.reporting.tables import Cell, Column, Row, Table, csv_text

Description = Mapping[str, Any]
Fields = Mapping[str, Any]

INTERVALS = "Ours: values with 95 % intervals by bootstrap over videos in brackets; an empty cell was not run."


def build_table(description: Description, results: Path, seed: int) -> Table:
    """The table that ``description`` describes, from the metrics files below ``results``; what is missing is empty."""
    paper = paper_table(description["table"])
    notes = [INTERVALS, *description.get("notes", ()), *(note.text for note in paper.notes)]
    columns = description["columns"]
    rows = tuple(
        Row(
            row["label"],
            row.get("variant", ""),
            tuple(
                _cell(row, column, _metrics_path(description, row, column, results, seed), notes, paper)
                for column in columns
            ),
        )
        for row in description["rows"]
    )
    return Table(
        name=f"table{paper.number}",
        caption=f"Table {paper.number}. {paper.caption}",
        columns=tuple(
            Column(column["label"], column.get("group", ""), column.get("paper") in paper.counts) for column in columns
        ),
        rows=rows,
        notes=tuple(notes),
    )


def metrics_paths(description: Description, results: Path, seed: int) -> list[Path]:
    """The metrics files that a table is made of, sorted, whether they exist or not."""
    return sorted(
        {
            _metrics_path(description, row, column, results, seed)
            for row in description["rows"]
            for column in description["columns"]
        }
    )


def _metrics_path(description: Description, row: Fields, column: Fields, results: Path, seed: int) -> Path:
    fields = {"seed": seed, **column, **row}
    where = f"table {description['table']}, row {row['label']!r}"
    try:
        return results / description["path"].format(**fields)
    except KeyError as error:
        raise InstMoveError(f"{where}: its path asks for {error}, add it to the row or column") from None


def _cell(row: Fields, column: Fields, path: Path, notes: list[str], paper: PaperTable) -> Cell:
    measured = read_result(path)["metrics"].get(column["metric"]) if path.exists() else None
    printed: float | None = None
    marks: tuple[int, ...] = ()
    if row.get("paper") and column.get("paper"):
        printed = paper.value(row["paper"], column["paper"])
        covering = [note for note in paper.notes if note.covers(row["paper"], column["paper"])]
        marks = tuple(notes.index(note.text) + 1 for note in covering)
    value = measured or {}
    return Cell(value.get("value"), value.get("low"), value.get("high"), printed, marks)


def differences_csv(description: Description, results: Path, seed: int, draws: int = DRAWS) -> str:
    """Paired differences between rows of a motion table as CSV: fractions in full precision, with 95 % intervals.

    One line for each column and pair of ``differences``; pairs of which one is missing are left out.
    """
    header = ["dataset", "metric", "model", "against", "difference", "low", "high", "videos", "samples"]
    return csv_text([header, *_differences(description, results, seed, draws)])


def _differences(description: Description, results: Path, seed: int, draws: int) -> Iterator[list[str]]:
    rows = {f"{row['label']} {row.get('variant', '')}".strip(): row for row in description["rows"]}
    of, against = (description["differences"][side] for side in ("of", "against"))
    for name in (*of, *against):
        require_known(name, rows, f"table {description['table']}: row")
    for column in description["columns"]:
        for pair in product(of, against):
            paths = [samples_path(_metrics_path(description, rows[label], column, results, seed)) for label in pair]
            if not all(path.exists() for path in paths):
                continue
            first, second = (load_samples(path) for path in paths)
            found = difference(first, second, STATISTICS[column["metric"]], draws)
            numbers = ["" if number is None else repr(number) for number in (found.value, found.low, found.high)]
            counts = [str(len(first.videos)), str(len(first.iou))]
            yield [column.get("group", ""), column["metric"], *pair, *numbers, *counts]
