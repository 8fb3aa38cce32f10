"""Which results the tables are made of, and where they lie: what the workflow and the tables both ask.

The workflow reads this whenever Snakemake starts, so it imports nothing heavy.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from instmove.errors import InstMoveError
from instmove.weights import shipped_weights

Description = Mapping[str, Any]
Fields = Mapping[str, Any]
Setup = dict[str, Any]

PREDICTION = "motion"
"""In place of a host where motion models are scored alone: the benchmark is then a split, the motion a model."""
COUNTS = ("IDSW",)
"""Metrics of the grid that are counts, of which fewer are better."""
VOS = "stcn"
"""The method of the section ``vos``, in place of a host."""
BRANCHES = ("plain", "motion")
"""Its networks, trained alike: without motion, and with it in the decoder."""
IN_ASSOCIATION = {"association", "weight", "from_frame", "released"}
"""Settings of a variant that say something of an association alone."""
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
    return Path("predictions", result.host, benchmark["checkpoint"], predicted_split(benchmark))


def predicted_split(benchmark: Fields) -> str:
    """The split whose predictions a benchmark reads: its own, or one that has all of its frames."""
    split: str = benchmark.get("predicted", benchmark["split"])
    return split


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
        known = result.motion in setup["motion"]["models"] and result.benchmark in setup["splits"]
        return known and _learned_there(setup, result.motion, result.benchmark)
    variant = setup["association"]["variants"].get(result.motion)
    if variant is None or result.host not in variant.get("hosts", [result.host]):
        return False
    if result.host == VOS:
        return _vos_available(setup, result, variant)
    benchmark = setup["benchmarks"].get(result.benchmark)
    return (
        result.host in setup["hosts"]
        and benchmark is not None
        and result.host in benchmark.get("hosts", [result.host])
        and _has_what_it_asks(benchmark, variant)
        and _learned_there(setup, variant.get("model"), benchmark["motion"])
    )


def _learned_there(setup: Setup, model: str | None, split: str) -> bool:
    """Whether a motion model learns from a split, or has not learned from another one: authors' weights are of one."""
    learned: str = setup["motion"]["models"].get(model, {}).get("learned_from", split)
    return learned == split


def _vos_available(setup: Setup, result: Result, variant: Fields) -> bool:
    """Objects are given, so there is no association to replace or to weigh.

    A setup that does not train the branches has those that are shipped.
    """
    vos = setup.get("vos", {"benchmarks": {}})
    benchmark = vos["benchmarks"].get(result.benchmark)
    if benchmark is None or IN_ASSOCIATION & variant.keys():
        return False
    if "train" not in vos and shipped_weights(setup, branch_name(branch_of(variant), result.seed)) is None:
        return False
    return _has_what_it_asks(benchmark, variant)


def _has_what_it_asks(benchmark: Fields, variant: Fields) -> bool:
    """Oracles need the truth, which is withheld where a server scores."""
    return benchmark.get("scored") != "server" or "oracle" not in (variant.get("model"), variant.get("association"))


def branch_of(variant: Fields) -> str:
    """The branch that a variant of motion runs on; all with a model share the one that has motion."""
    plain, moving = BRANCHES
    return moving if "model" in variant else plain


def branch_name(branch: str, seed: int) -> str:
    """What the shipped weights of a branch are called."""
    return f"{VOS}_{branch}_seed{seed}"


def table_names(setup: Setup) -> list[str]:
    """The tables that a setup describes."""
    return [*setup["tables"], *((GRID, FULL_GRID) if "grid" in setup else ())]


def description_of(setup: Setup, table: str) -> Description:
    """How a table is made; an unknown name is an error that lists the known ones."""
    if table not in table_names(setup):
        raise InstMoveError(f"'{table}' is not a table of the setup; choose one of {', '.join(table_names(setup))}")
    known = table in setup["tables"]
    made = _with_named(setup, setup["tables"][table]) if known else _grid(setup, full=table == FULL_GRID)
    return {**made, "notes": [*([setup["about"]] if "about" in setup else []), *made.get("notes", ())]}


def seeds_of(setup: Setup, host: str) -> list[int]:
    """The seeds of a host's results: those of the setup, unless the section vos says others for its branches."""
    section: Mapping[str, Any] = setup.get("vos", {}) if host == VOS else {}
    return list(section.get("seeds") or setup["seeds"])


def available_results(setup: Setup, table: str) -> list[Result]:
    """The results of a table that the setup can make, for all its seeds; what no seed changes is made once."""
    made = [each for each in results_of(description_of(setup, table), (0,)) if available(setup, each)]
    return [each._replace(seed=seed) for each in made for seed in _seeds_made(setup, each)]


def _seeds_made(setup: Setup, result: Result) -> list[int]:
    first, *others = seeds_of(setup, result.host)
    return [first, *others] if others and _seeded(setup, result) else [first]


def _seeded(setup: Setup, result: Result) -> bool:
    """Whether a network that is trained for each seed has a part in a result; hosts of the cache are trained once."""
    if result.host == VOS:
        return True
    models, variants = setup["motion"]["models"], setup["association"]["variants"]
    name = result.motion if result.host == PREDICTION else variants[result.motion].get("model")
    model = models.get(name, {})
    return (model.get("kind") == "instmove" and "file" not in model) or model.get("flow") == "finetuned"


def named(entries: Mapping[str, Fields]) -> dict[str, str]:
    """The models or variants that have a label, which puts them in every table where they make sense."""
    return {name: entry["label"] for name, entry in entries.items() if "label" in entry}


def grid_motions(setup: Setup, full: bool) -> dict[str, str]:
    """The motions of the grid with the names that are shown."""
    grid = setup["grid"]
    return grid["motions"] | (grid["further"] if full else {}) | named(setup["association"]["variants"])


def _with_named(setup: Setup, description: Description) -> Description:
    """The table with a row for every named motion that it does not have yet, for each of its hosts."""
    alone = description.get("host") == PREDICTION
    labels = named(setup["motion"]["models"] if alone else setup["association"]["variants"])
    shown = {row["motion"] for row in description["rows"]}
    new = {name: label for name, label in labels.items() if name not in shown}
    rows = [row for name, label in new.items() for row in _named_rows(setup, description, name, label)]
    compared = description["differences"]
    if rows and "of" in compared:
        compared = {**compared, "of": [*compared["of"], *dict.fromkeys(row["motion"] for row in rows)]}
    return {**description, "rows": [*description["rows"], *rows], "differences": compared}


def _named_rows(setup: Setup, description: Description, motion: str, label: str) -> Iterator[Fields]:
    """A row for each host of the table that can have this motion."""
    plain = [row for row in description["rows"] if row["motion"] == "none" and "host" in row]
    hosts = {row["host"]: {"label": f"{row['label']}+{label}", "host": row["host"]} for row in plain}
    for row in hosts.values() if hosts else ({"label": label},):
        fields = {**row, "motion": motion}
        cells = (result_of(description, fields, column, 0) for column in description["columns"])
        if any(available(setup, cell) for cell in cells):
            yield fields


def benchmark_name(setup: Setup, benchmark: str) -> str:
    """A benchmark's name as the grid prints it; of one that the grid has not, its id in words."""
    name: str = setup.get("grid", {}).get("benchmarks", {}).get(benchmark, benchmark.replace("_", " "))
    return name


def shown(metric: str) -> str:
    """A metric's name as tables and plots print it."""
    return {"j_and_f": "J&F", "g": "G", "MOTA": "MOTSA"}.get(metric, metric)


def grid_metrics(setup: Setup, benchmark: str) -> list[str]:
    """What the grid shows of a benchmark: AP unless it says otherwise."""
    metrics: list[str] = setup["grid"].get("metrics", {}).get(benchmark, ["AP"])
    return metrics


def _grid(setup: Setup, full: bool) -> Description:
    """Metrics and their gains over no motion, for every host on every benchmark."""
    grid, motions = setup["grid"], grid_motions(setup, full)
    rows = [
        {"label": label, "variant": variant, "host": host, "motion": motion}
        for (host, label), (motion, variant) in product(grid["hosts"].items(), motions.items())
    ]
    columns = [
        {"group": group, "benchmark": benchmark, "metric": metric, "count": metric in COUNTS, **kind}
        for benchmark, group in grid["benchmarks"].items()
        for metric in grid_metrics(setup, benchmark)
        for kind in ({"label": shown(metric)}, {"label": f"Δ {shown(metric)}", "against": "none"})
    ]
    caption = "Every host on every benchmark with every motion model"
    return {"caption": caption, "rows": rows, "columns": columns, "differences": {"against": ["none"]}}
