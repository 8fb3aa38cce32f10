"""The paper's comparative statements (``claims.yaml``) as data, and the cells of a setup's tables they speak of."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

from instmove.reporting.cells import Description, Result, Setup, result_of
from instmove.reporting.paper import paper_table

Direction = Literal["more", "less", "same", "not_less"]


@dataclass(frozen=True)
class Gain:
    """What a row of one of the paper's tables has over another row, in one column; all by the paper's ids."""

    table: str
    column: str
    row: str
    over: str


@dataclass(frozen=True)
class Claim:
    """One statement; see the head of ``claims.yaml`` for the meaning of the fields."""

    id: str
    says: str
    quote: str
    section: str
    gain: Gain
    direction: Direction
    beyond: Gain | None = None
    margin: float = 0.0
    relative: bool = False
    apart: bool = False

    @property
    def unit(self) -> str:
        """Of the effect: points, percent, count or, of counts per object, rate."""
        if self.relative:
            return "percent"
        return "count" if self.counts else "rate" if self.gain.column.endswith("per object") else "points"

    @property
    def counts(self) -> bool:
        """Whether the effect is in counts, not in points."""
        return not self.relative and self.gain.column in paper_table(self.gain.table).counts

    @property
    def gains(self) -> tuple[Gain, ...]:
        """The gain, and the one that it is said to exceed."""
        return (self.gain,) if self.beyond is None else (self.gain, self.beyond)

    @property
    def paper(self) -> float:
        """The paper's effect, in its unit."""
        first, *others = (_printed(gain, self.relative) for gain in self.gains)
        return first - sum(others)


@dataclass(frozen=True)
class Cells:
    """What a setup measures for a gain: two results and the metric that they are compared in."""

    result: Result
    base: Result
    metric: str

    @property
    def names(self) -> tuple[str, str]:
        """Folders of both results below ``metrics``."""
        return self.result.folder, self.base.folder


def read_claims() -> list[Claim]:
    """All claims, in the paper's order."""
    import yaml

    content = yaml.safe_load(claims_text())["claims"]
    return [_claim(name, entry) for name, entry in content.items()]


def claims_text() -> str:
    """The file of the claims, as it is."""
    return files(__package__).joinpath("claims.yaml").read_text(encoding="utf-8")


def _claim(name: str, entry: Mapping[str, Any]) -> Claim:
    gains = {key: Gain(**entry[key]) for key in ("gain", "beyond") if key in entry}
    return Claim(**{"id": name, **entry, **gains})


def _printed(gain: Gain, relative: bool) -> float:
    table = paper_table(gain.table)
    after, before = (table.value(row, gain.column) for row in (gain.row, gain.over))
    if after is None or before is None:
        raise ValueError(f"claims.yaml: the paper prints no {gain.column} for {gain.row} or {gain.over}")
    return 100 * (after - before) / before if relative else after - before


def cells_of(setup: Setup, gain: Gain) -> Cells | None:
    """The cells of the setup's tables that stand for a gain; None if the setup does not have them."""
    for description in setup["tables"].values():
        if description["table"] == gain.table:
            return _cells(setup, description, gain)
    return None


def _cells(setup: Setup, description: Description, gain: Gain) -> Cells | None:
    columns = [each for each in description["columns"] if each.get("paper") == gain.column and "against" not in each]
    rows = {each["paper"]: each for each in reversed(description["rows"]) if "paper" in each}
    if not columns or gain.row not in rows or gain.over not in rows:
        return None
    result, base = (result_of(description, rows[row], columns[0], setup["seeds"][0]) for row in (gain.row, gain.over))
    return Cells(result, base, columns[0]["metric"])
