"""From a table's description, what was measured and the paper's numbers to a table.

A description is a mapping: ``table`` (its number in the paper; without one, ``caption``), ``rows`` (``label``,
``variant``, ``paper``: the row's id among the paper's numbers), ``columns`` (``label``, ``group``, ``paper``,
``metric``, ``count``: whether that is one, ``against``: the motion over which it shows gains), ``notes`` of our own,
and ``differences`` (``against`` and, unless all others are meant, ``of``: motions). What a cell measures is said by
``host``, ``benchmark`` and ``motion`` in table, column and row (see ``instmove.reporting.cells``).
"""

from collections.abc import Sequence, Set

from instmove.reporting.cells import VOS, Description, Fields, Result, result_of
from instmove.reporting.measured import Measurement, Numbers
from instmove.reporting.paper import Note, PaperTable, paper_table
from instmove.reporting.tables import Cell, Column, Row, Table

INTERVALS = (
    "Ours: values with 95 % intervals by bootstrap over {} in brackets; "
    "an empty cell was not run, or has nothing to be compared with."
)
GAINS = "Δ: gain over the same host without motion, with the interval of the paired differences."
RIVALS = "Δ over a named model: with the interval of the paired differences, which says more than two intervals do."
SPREAD = "±: standard deviation over the seeds, which the intervals draw too."
SERVER = "server: scored by the benchmark's own server; to submit: written for it, its scores are awaited."


def build_table(name: str, description: Description, measurements: Numbers, seed: int) -> Table:
    """The table that ``description`` describes; what was not measured is empty."""
    paper, columns = paper_of(description), description["columns"]
    notes = [
        INTERVALS.format(_drawn(description)),
        *_on_gains({column["against"] for column in columns if "against" in column}),
        *description.get("notes", ()),
        *(note.text for note in paper.notes if note.general or _covers_any(note, description)),
    ]

    def cell(row: Fields, column: Fields) -> Cell:
        found = _measure(measurements, result_of(description, row, column, seed), column)
        theirs = printed(description, paper, row, column)
        marks = () if theirs is None else _marks(paper, row, column, notes)
        return Cell(*found.numbers, theirs, marks, found.status, found.spread)

    rows = tuple(
        Row(row["label"], row.get("variant", ""), tuple(cell(row, column) for column in columns))
        for row in description["rows"]
    )
    cells = [each for row in rows for each in row.cells]
    spread = [SPREAD] if any(each.spread is not None for each in cells) else []
    elsewhere = [SERVER] if any(each.shown_status for each in cells) else []
    return Table(
        name=name,
        caption=paper.caption,
        columns=tuple(_column(column, paper) for column in columns),
        rows=rows,
        notes=(*notes, *spread, *elsewhere),
        number=paper.number,
    )


def _on_gains(rivals: Set[str]) -> list[str]:
    return [*([GAINS] if "none" in rivals else []), *([RIVALS] if rivals - {"none"} else [])]


def _drawn(description: Description) -> str:
    """What the bootstrap draws: videos, but objects in video object segmentation."""
    hosts = {row.get("host", description.get("host")) for row in description["rows"]}
    if VOS not in hosts:
        return "videos"
    return "objects" if hosts == {VOS} else "videos (STCN: objects)"


def paper_of(description: Description) -> PaperTable:
    """The paper's table that a description is of; one without any number if it is of none."""
    if "table" in description:
        return paper_table(description["table"])
    return PaperTable("", description["caption"], (), {}, frozenset(), ())


def _column(column: Fields, paper: PaperTable) -> Column:
    return Column(column["label"], column.get("group", ""), is_count(column, paper), signed="against" in column)


def is_count(column: Fields, paper: PaperTable) -> bool:
    """Whether a column shows counts: those of the paper's that do, and ours that say so."""
    return column.get("paper") in paper.counts or column.get("count", False)


def _measure(measurements: Numbers, result: Result, column: Fields) -> Measurement:
    if "against" in column:
        return measurements.gain(result, column["against"], column["metric"])
    return measurements.value(result, column["metric"])


def printed(description: Description, paper: PaperTable, row: Fields, column: Fields) -> float | None:
    """The paper's number for a cell; a gain is the difference of two values that it prints."""
    value = paper.value(row["paper"], column["paper"]) if "paper" in row and "paper" in column else None
    if value is None or "against" not in column:
        return value
    own = result_of(description, row, column, seed=0)
    base = own._replace(motion=column["against"])
    others = [each for each in description["rows"] if result_of(description, each, column, seed=0) == base]
    before = paper.value(others[0]["paper"], column["paper"]) if others and own != base else None
    return None if before is None else value - before


def _covers_any(note: Note, description: Description) -> bool:
    """Whether a note is about one of the paper's numbers that this table shows."""
    rows, columns = ([each["paper"] for each in description[part] if "paper" in each] for part in ("rows", "columns"))
    return any(note.covers(row, column) for row in rows for column in columns)


def _marks(paper: PaperTable, row: Fields, column: Fields, notes: Sequence[str]) -> tuple[int, ...]:
    """Numbers of the notes on a cell that has a number of the paper."""
    return tuple(notes.index(note.text) + 1 for note in paper.notes if note.covers(row["paper"], column["paper"]))
