"""A table of measured numbers beside the paper's, and its three renderings: CSV, Markdown, LaTeX."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from instmove.files import write_text


@dataclass(frozen=True)
class Column:
    """A metric; fractions are shown times 100 with one decimal, counts as they are."""

    label: str
    group: str = ""
    count: bool = False
    signed: bool = False
    """Whether it shows differences, with a plus where they are positive."""

    @property
    def title(self) -> str:
        """Group and label in one line."""
        return f"{self.group} {self.label}".strip()

    def show(self, value: float | None) -> str:
        """A measured value as shown, empty if there is none."""
        return self._text(value if value is None or self.count else 100 * value)

    def show_spread(self, spread: float | None) -> str:
        """A standard deviation as shown, never with a sign."""
        return replace(self, signed=False).show(spread)

    def show_paper(self, value: float | None) -> str:
        """A value of the paper, printed in shown units already."""
        return self._text(value)

    def _text(self, value: float | None) -> str:
        if value is None:
            return ""
        rounded = round(value, 0 if self.count else 1) + 0.0  # no minus before a zero
        return f"{rounded:{'+' if self.signed and rounded else ''}.{0 if self.count else 1}f}"


@dataclass(frozen=True)
class Cell:
    """One measured number with its interval, the paper's number, and the numbers of the notes on it (from 1)."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    paper: float | None = None
    notes: tuple[int, ...] = ()
    status: str = "ok"
    """Where the number comes from (see ``instmove.reporting.measured.Measurement``)."""
    spread: float | None = None
    """Standard deviation over seeds, where there are several: the value is then their mean."""

    @property
    def shown_status(self) -> str:
        """What is shown beside the number, empty where it was measured here or is missing."""
        if self.status == "submission":
            return "to submit"
        return "server" if self.status == "server" and self.value is not None else ""


@dataclass(frozen=True)
class Row:
    """A model: its name, which network of that name, and a cell for each column."""

    label: str
    variant: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """A table; ``notes`` are referred to by cells through their numbers, the others are about the whole table."""

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    number: str = ""
    """In the paper; empty for a table that it does not have."""

    @property
    def heading(self) -> str:
        """The caption after the number."""
        return f"Table {self.number}. {self.caption}" if self.number else self.caption


def write_table(table: Table, folder: Path) -> None:
    """Write ``<name>.csv``, ``.md`` and ``.tex``; equal tables are equal bytes."""
    for suffix, render in (("csv", to_csv), ("md", to_markdown), ("tex", to_latex)):
        write_text(folder / f"{table.name}.{suffix}", render(table))


def to_csv(table: Table) -> str:
    """One row for each model, in shown units; value, low, high, paper's value and, of several seeds, the spread."""
    kinds = [_kinds(table, index) for index in range(len(table.columns))]
    titles = [f"{column.title}{kind}" for column, own in zip(table.columns, kinds, strict=True) for kind in own]
    rows = [["Model", "Variant", *titles, "Notes"]]
    for row in table.rows:
        line = [row.label, row.variant]
        for column, cell, own in zip(table.columns, row.cells, kinds, strict=True):
            shown = [*map(column.show, (cell.value, cell.low, cell.high)), column.show_paper(cell.paper)]
            line += [*shown, column.show_spread(cell.spread)][: len(own)]
        rows.append([*line, " ".join(table.notes[n - 1] for n in _notes_of(row))])
    return csv_text(rows)


def _kinds(table: Table, index: int) -> list[str]:
    """What a column of the CSV says of each cell."""
    spread = any(row.cells[index].spread is not None for row in table.rows)
    return ["", " low", " high", " paper", *([" spread"] if spread else [])]


def csv_text(rows: Sequence[Sequence[str]]) -> str:
    """Rows as CSV with line feeds."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _notes_of(row: Row) -> list[int]:
    return sorted({number for cell in row.cells for number in cell.notes})


def to_markdown(table: Table) -> str:
    """A GitHub table with intervals in brackets, the paper's numbers in columns of their own, notes below."""
    header = ["Model", "Variant"]
    for index, column in enumerate(table.columns):
        header += [column.title, "paper"] if _has_paper(table, index) else [column.title]
    lines = [f"**{table.heading}**", "", markdown_row(header)]
    lines.append(markdown_row(["---", "---"] + ["---:"] * (len(header) - 2)))
    for row in table.rows:
        cells = _shown(table, row, lambda marks: f"<sup>{marks}</sup>", lambda text: f" [{text}]")
        lines.append(markdown_row([_escape_markdown(row.label), _escape_markdown(row.variant), *cells]))
    numbered = [f"<sup>{number}</sup> {note}" for number, note in enumerate(table.notes, 1)]
    return "\n".join([*lines, "", *(f"{note}  " for note in numbered)]).rstrip() + "\n"


def markdown_row(cells: Sequence[str]) -> str:
    """A line of a GitHub table."""
    return "| " + " | ".join(cells) + " |"


def _escape_markdown(text: str) -> str:
    return text.replace("|", "\\|")


def _has_paper(table: Table, index: int) -> bool:
    return any(row.cells[index].paper is not None for row in table.rows)


def _shown(
    table: Table, row: Row, mark: Callable[[str], str], bracket: Callable[[str], str], plus_minus: str = "±"
) -> list[str]:
    """The texts of a row's cells; notes are marked on the paper's number, or on ours where it has none."""
    texts = []
    for index, (column, cell) in enumerate(zip(table.columns, row.cells, strict=True)):
        ours, paper = column.show(cell.value), column.show_paper(cell.paper)
        if cell.spread is not None:
            ours += f" {plus_minus} {column.show_spread(cell.spread)}"
        if cell.low is not None and cell.high is not None:
            ours += bracket(f"{column.show(cell.low)}, {column.show(cell.high)}")
        if cell.shown_status:
            ours = f"{ours} ({cell.shown_status})".strip()
        marks = mark(",".join(map(str, cell.notes))) if cell.notes else ""
        if paper:
            paper += marks
        else:
            ours += marks
        texts += [ours, paper] if _has_paper(table, index) else [ours]
    return texts


WIDEST = 6
"""Columns side by side in LaTeX."""
LATEX_SPECIAL = {
    "\\": r"\textbackslash{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": "$<$",
    ">": "$>$",
    "|": "$|$",
    "Δ": r"$\Delta$",
    "±": r"$\pm$",
    "→": r"$\to$",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "\N{EN DASH}": "--",
    "\N{MINUS SIGN}": "$-$",
}
"""What plain LaTeX, without any package, cannot take as it is."""


def escape_latex(text: str) -> str:
    """Text that LaTeX prints as written; a character it has no plain form for is a ValueError."""
    escaped = "".join(LATEX_SPECIAL.get(character, character) for character in text)
    if not escaped.isascii():
        raise ValueError(f"no LaTeX for a character of {text!r}; add it to LATEX_SPECIAL")
    return escaped


def to_latex(table: Table) -> str:
    r"""A ``table`` environment for ``\input``, in plain LaTeX without packages; wide tables are broken into parts."""
    notes = [f"$^{{{number}}}$ {escape_latex(note)}" for number, note in enumerate(table.notes, 1)]
    lines = [
        r"\begin{table}",
        r"\centering\scriptsize\setlength{\tabcolsep}{3pt}",
        *([f"\\renewcommand{{\\thetable}}{{{table.number}}}"] if table.number else []),
        f"\\caption{{{escape_latex(table.caption)}}}",
        "\n\\par\\smallskip\n".join(map(_tabular, _parts(table))),
        *(f"\\par {note}" for note in notes),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _parts(table: Table) -> list[Table]:
    """The table in parts of at most WIDEST columns, groups kept together where they are not wider."""
    parts: list[list[int]] = []
    for _, members in groupby(range(len(table.columns)), key=lambda index: table.columns[index].group):
        group = list(members)
        if not parts or len(parts[-1]) + len(group) > WIDEST:
            parts.append([])
        parts[-1] += group
    return [
        replace(
            table,
            columns=tuple(table.columns[index] for index in part),
            rows=tuple(replace(row, cells=tuple(row.cells[index] for index in part)) for row in table.rows),
        )
        for part in parts
    ]


def _tabular(table: Table) -> str:
    widths = [2 if _has_paper(table, index) else 1 for index in range(len(table.columns))]
    heads = [["", ""], ["Model", "Variant"], ["", ""]]
    for width, (group, span) in zip(widths, _spans(table, widths), strict=True):
        heads[0] += [f"\\multicolumn{{{span}}}{{|c}}{{{escape_latex(group)}}}"] if span else []
        heads[2] += ["ours", "paper"] if width == 2 else ["ours"]
    for width, column in zip(widths, table.columns, strict=True):
        heads[1].append(f"\\multicolumn{{{width}}}{{|c}}{{{escape_latex(column.label)}}}")
    body = []
    for row in table.rows:
        cells = _shown(table, row, lambda marks: f"$^{{{marks}}}$", lambda text: f" {{\\tiny [{text}]}}", r"$\pm$")
        body.append([escape_latex(row.label), escape_latex(row.variant), *cells])
    lines = [
        "\\begin{tabular}{ll" + "".join("|rr" if width == 2 else "|r" for width in widths) + "}",
        r"\hline",
        *map(_latex_row, heads),
        r"\hline",
        *map(_latex_row, body),
        r"\hline",
        r"\end{tabular}",
    ]
    return "\n".join(lines)


def _spans(table: Table, widths: Sequence[int]) -> list[tuple[str, int]]:
    """For each column its group and, at the first of neighbours in one group, how many LaTeX columns they fill."""
    spans = []
    for index, column in enumerate(table.columns):
        start = index == 0 or table.columns[index - 1].group != column.group
        end = index
        while start and end < len(table.columns) and table.columns[end].group == column.group:
            end += 1
        spans.append((column.group, sum(widths[index:end])))
    return spans


def _latex_row(cells: Sequence[str]) -> str:
    return " & ".join(cells) + r" \\"
