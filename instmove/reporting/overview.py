"""Plain-text tables of what is there, and of the tables that this enables."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from instmove.reporting.cells import FULL_GRID, Setup, available_results, table_names
from instmove.reporting.left_out import table_state
from instmove.reporting.needs import lacking, needs


def tables_by_source(setup: Setup) -> Mapping[str, list[str]]:
    """For each dataset and checkpoint (:attr:`Need.of`) the tables with a cell that needs it."""
    found: dict[str, list[str]] = {}
    for table in (name for name in table_names(setup) if name != FULL_GRID):
        sources = {need.of for result in available_results(setup, table) for need in needs(setup, result)}
        for source in sources:
            found.setdefault(source, []).append(table)
    return found


def short_names(tables: Iterable[str]) -> str:
    """Tables as a cell lists them: numbers, and the grid."""
    return " ".join(name.removeprefix("table") for name in tables) or "-"


def states_text(setup: Setup, broken: Collection[str] = ()) -> str:
    """How much of each table can be made of what is there and not ``broken`` (``instmove.reporting.needs.lacking``)."""
    missing = lacking(setup, broken)
    names = [name for name in table_names(setup) if name != FULL_GRID]
    return "\n".join(["what that enables:", *(f"  {name:8} {table_state(setup, name, missing)}" for name in names)])


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows as lines, every column but the last as wide as its widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip() for row in rows)
    return "\n".join(lines)


def yes(value: bool) -> str:
    """A truth as a cell shows it."""
    return "yes" if value else "no"
