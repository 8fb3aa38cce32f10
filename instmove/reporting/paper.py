"""The paper's numbers (``paper_numbers.yaml``): nine tables as printed, with notes on what is wrong in them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from instmove.errors import InstMoveError, did_you_mean


@dataclass(frozen=True)
class Note:
    """A remark on some cells of a table; empty ``rows`` or ``columns`` mean all of them."""

    text: str
    rows: frozenset[str]
    columns: frozenset[str]

    @property
    def general(self) -> bool:
        """Whether it is about the table as a whole."""
        return not self.rows and not self.columns

    def covers(self, row: str, column: str) -> bool:
        """Whether it is about this cell in particular."""
        return not self.general and row in (self.rows or {row}) and column in (self.columns or {column})


@dataclass(frozen=True)
class PaperTable:
    """One table of the paper; values are percent, but for the columns in ``counts``."""

    number: str
    caption: str
    columns: tuple[str, ...]
    rows: Mapping[str, tuple[float | None, ...]]
    counts: frozenset[str]
    notes: tuple[Note, ...]

    def value(self, row: str, column: str) -> float | None:
        """A printed number, None where the paper's cell is empty; unknown names are an error with the nearest one."""
        require_known(row, self.rows, f"paper's Table {self.number}: row")
        require_known(column, self.columns, f"paper's Table {self.number}: column")
        return self.rows[row][self.columns.index(column)]


def require_known(name: str, known: Iterable[str], where: str) -> None:
    """Raise an error that names ``where`` and the nearest known name unless ``name`` is one."""
    if name not in known:
        raise InstMoveError(f"{where} {name!r} is unknown{did_you_mean(name, known)}")


@cache
def _content() -> dict[str, Any]:
    import yaml

    return yaml.safe_load(paper_text())


def paper_text() -> str:
    """The file of numbers as it is, for what depends on it."""
    return files(__package__).joinpath("paper_numbers.yaml").read_text(encoding="utf-8")


def paper_table(number: str) -> PaperTable:
    """Table ``number`` ("1" to "9") of the paper."""
    tables = _content()["tables"]
    require_known(number, tables, "paper's table")
    table = tables[number]
    return PaperTable(
        number,
        table["caption"],
        tuple(table["columns"]),
        {row: tuple(values) for row, values in table["rows"].items()},
        frozenset(table.get("counts", ())),
        tuple(
            Note(note["text"], frozenset(note.get("rows", ())), frozenset(note.get("columns", ())))
            for note in table.get("notes", ())
        ),
    )


def stated(name: str) -> float:
    """A number from the paper's running text."""
    require_known(name, _content()["text"], "paper's text: number")
    return _content()["text"][name]
