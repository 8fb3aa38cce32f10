"""Which results the tables are made of, and where they lie: what the workflow and the tables both ask.

The workflow reads this whenever Snakemake starts, so it imports nothing heavy.
"""

from collections.abc import Iterable, Mapping
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from instmove.errors import InstMoveError

Description = Mapping[str, Any]
Fields = Mapping[str, Any]
Setup = Mapping[str, Any]

PREDICTION = "motion"
"""In place of a host where motion models are scored alone: the benchmark is then a split, the motion a model."""
GRID, FULL_GRID = "grid", "grid_full"
"""Tables that the section ``grid`` of a setup describes: what ``tables`` shows, and with all that it may add."""


class Result(NamedTuple):
    """One result: a host on a benchmark with a variant of motion, from networks of one seed."""

    host: str
    benchmark: str
    motion: str
    seed: int

    @property
    def path(self) -> Path:
        """Its metrics file, below the results folder of its setup."""
        return Path("metrics", self.folder, f"seed{self.seed}.json")

    @classmethod
    def at(cls, path: Path) -> "Result":
        """The result whose metrics file this is: the inverse of :attr:`path`, with or without a folder before it."""
        *_, host, benchmark, motion, name = path.parts
        return cls(host, benchmark, motion, int(Path(name).stem.removeprefix("seed")))

    @property
    def folder(self) -> str:
        """Where the metrics of all its seeds are, below ``metrics``."""
        return f"{self.host}/{self.benchmark}/{self.motion}"


def predictions_folder(setup: Setup, result: Result) -> Path:
    """What the host's network saw, which all its motions share; below the results folder."""
    benchmark = setup["benchmarks"][result.benchmark]
    return Path("predictions", result.host, benchmark["checkpoint"], benchmark["split"])


def result_of(description: Description, row: Fields, column: Fields, seed: int) -> Result:
    """The result that a cell shows; table, column and row each may say host, benchmark and motion, the row last."""
    fields = {**description, **column, **row}
    try:
        return Result(fields["host"], fields["benchmark"], fields["motion"], seed)
    except KeyError as error:
        where = f"row {row['label']!r}, column {column['label']!r}"
        raise InstMoveError(f"{where} of a table: {error} is missing; add it to the table, row or column") from None


def results_of(description: Description, seeds: Iterable[int]) -> list[Result]:
    """All results that a table is made of, each once."""
    cells = product(description["rows"], description["columns"], seeds)
    return list(dict.fromkeys(result_of(description, *cell) for cell in cells))


def available(setup: Setup, result: Result) -> bool:
    """Whether a setup can make a result; the cells of the others stay empty."""
    if result.host == PREDICTION:
        return result.motion in setup["motion"]["models"] and result.benchmark in setup["splits"]
    benchmark = setup["benchmarks"].get(result.benchmark)
    variant = setup["association"]["variants"].get(result.motion)
    if result.host not in setup["hosts"] or benchmark is None or variant is None:
        return False
    return all(result.host in entry.get("hosts", [result.host]) for entry in (benchmark, variant))


def table_names(setup: Setup) -> list[str]:
    """The tables that a setup describes."""
    return [*setup["tables"], *((GRID, FULL_GRID) if "grid" in setup else ())]


def description_of(setup: Setup, table: str) -> Description:
    """How a table is made; an unknown name is an error that lists the known ones."""
    if table not in table_names(setup):
        raise InstMoveError(f"'{table}' is not a table of the setup; choose one of {', '.join(table_names(setup))}")
    return setup["tables"][table] if table in setup["tables"] else _grid(setup, full=table == FULL_GRID)


def available_results(setup: Setup, table: str) -> list[Result]:
    """The results of a table that the setup can make, for all its seeds."""
    wanted = results_of(description_of(setup, table), setup["seeds"])
    return [result for result in wanted if available(setup, result)]


def _grid(setup: Setup, full: bool) -> Description:
    """AP and its gain over no motion, for every host on every benchmark."""
    grid = setup["grid"]
    motions = grid["motions"] | (grid["further"] if full else {})
    rows = [
        {"label": label, "variant": variant, "host": host, "motion": motion}
        for (host, label), (motion, variant) in product(grid["hosts"].items(), motions.items())
    ]
    columns = [
        {"group": group, "benchmark": benchmark, "metric": "AP", **kind}
        for benchmark, group in grid["benchmarks"].items()
        for kind in ({"label": "AP"}, {"label": "Δ AP", "against": "none"})
    ]
    caption = "Every host on every benchmark with every motion model (AP)"
    return {"caption": caption, "rows": rows, "columns": columns, "differences": {"against": ["none"]}}
