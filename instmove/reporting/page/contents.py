"""What the page shows, as plain data for its templates: claims, gains, tables, plots, origins."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from instmove.files import read_json
from instmove.metrics.result_files import metrics_files, read_result, run_path
from instmove.reporting.build import build_table
from instmove.reporting.cells import (
    COUNTS,
    GRID,
    Description,
    Fields,
    Result,
    Setup,
    available,
    description_of,
    result_of,
    seeds_of,
    shown,
)
from instmove.reporting.claim_plot import UNITS, limit_of
from instmove.reporting.measured import Measurement
from instmove.reporting.page.numbers import WrittenNumbers
from instmove.reporting.page.videos import read_videos
from instmove.reporting.tables import Cell, Column, Table
from instmove.reporting.verdicts import VERDICTS, read_verdicts

MOTION = "instmove"
"""The motion that the page's first answer is about."""
PLOTS = {
    "gains": "What motion gains: every host on every benchmark",
    "sparsity": "Accuracy against how sparsely videos are sampled",
    "motion_error": "Errors of motion prediction by displacement and by occlusion",
    "filmstrips": "Motion prediction: past masks, truth, every model",
    "videos": "Videos that gained and lost most",
    "tracks": "Tracks with and without motion",
    "switches": "Identity switches by class and by gap",
    "switch_strips": "Identity switches that motion fixed, and those that it introduced",
    "objects": "Object segmentation: what gained and lost most",
    "regions": "Objects that disappear and return, over time",
    "sensitivity": "Sensitivity to what the paper leaves open",
    "learning_curves": "Training curves",
}
"""Headings of plots by how their names begin; others come under one of their own."""
PICTURES = ("filmstrips", "tracks", "switch_strips", "objects")
"""Plots that are mostly photographs: the page has them as WebP, a tenth of their size."""
WORST_SHADE = 0.55
NO_SHADE = {"side": "", "shade": 0}


def claims_context(results: Path) -> dict[str, Any]:
    """The claims with their places on a scale from 0 to 100, and how many have which verdict."""
    path = results / "claims.csv"
    lines = read_verdicts(path) if path.exists() else []
    limits = {unit: limit_of([line for line in lines if line["unit"] == unit]) for unit in UNITS}
    counts = {name: sum(line["verdict"] == name for line in lines) for name in VERDICTS}
    return {"lines": [_claim(line, limits[line["unit"]]) for line in lines], "counts": counts}


def _claim(line: Mapping[str, str], limit: float) -> dict[str, Any]:
    def number(key: str) -> float | None:
        return float(line[key]) if line[key] else None

    def place(key: str) -> float | None:
        value = number(key)
        return None if value is None else round(50 + 50 * max(-1, min(1, value / limit)), 2)

    keys = ("effect", "low", "high", "paper")
    return {**line, **{key: number(key) for key in keys}, "places": {key: place(key) for key in keys}}


def gains_context(setup: Setup, results: Path) -> list[dict[str, Any]]:
    """For every host of the grid what InstMove changed on each of its benchmarks, with the videos to look at."""
    if "grid" not in setup:
        return []
    description, numbers = description_of(setup, GRID), WrittenNumbers(results / f"tables/{GRID}_tidy.csv")
    rows = [row for row in description["rows"] if row["motion"] == MOTION]
    columns = [column for column in description["columns"] if "against" in column]
    own = {row["host"]: [c for c in columns if available(setup, result_of(description, row, c, 0))] for row in rows}
    return [
        {
            "host": row["label"],
            "cells": [_gain(description, row, column, numbers, results) for column in own[row["host"]]],
        }
        for row in rows
    ]


def _gain(
    description: Description, row: Fields, column: Fields, numbers: WrittenNumbers, results: Path
) -> dict[str, Any]:
    result = result_of(description, row, column, 0)
    found = numbers.gain(result, column["against"], column["metric"])
    videos = read_videos(results / "videos" / result.benchmark).get(result.host, [])
    return {
        "benchmark": column["group"],
        "metric": shown(column["metric"]),
        "unit": 1 if column["metric"] in COUNTS else 100,
        "gain": found,
        "answer": _answer(found, fewer=column["metric"] in COUNTS),
        "folder": f"{result.benchmark}/{result.host}",
        "videos": len(videos),
        "best": next((video for video in videos if video["gain"] > 0), None),
        "worst": next((video for video in reversed(videos) if video["gain"] < 0), None),
    }


def _answer(gain: Measurement, fewer: bool) -> str:
    """What motion did, as far as the interval tells; ``fewer`` is better for counts."""
    if gain.value is None:
        return "not run"
    if gain.low is None or gain.high is None:
        return "no interval"
    if gain.low <= 0 <= gain.high:
        return "not decided"
    return "helped" if (gain.value > 0) != fewer else "harmed"


def table_context(setup: Setup, results: Path, name: str) -> dict[str, Any]:
    """A table's rows with texts, shades and where each number comes from."""
    numbers, description = WrittenNumbers(results / f"tables/{name}_tidy.csv"), description_of(setup, name)
    table = build_table(name, description, numbers, setup["seeds"][0])
    rows = [
        {
            "label": row.label,
            "variant": row.variant,
            "cells": [
                _cell(cell, column, _origin(setup, result_of(description, fields, place, 0)), "about" in setup)
                for cell, column, place in zip(row.cells, table.columns, description["columns"], strict=True)
            ],
        }
        for row, fields in zip(table.rows, description["rows"], strict=True)
    ]
    return {"name": name, "caption": table.heading, "made": numbers.made, "table": table, "rows": rows} | _heads(table)


def _heads(table: Table) -> dict[str, Any]:
    """Groups of neighbouring columns with how many they are."""
    groups: list[list[Any]] = []
    for column in table.columns:
        if groups and groups[-1][0] == column.group:
            groups[-1][1] += 1
        else:
            groups.append([column.group, 1])
    return {"groups": groups}


def _origin(setup: Setup, result: Result) -> str:
    """The record of a result; of several seeds, that of the first."""
    return f"{result.folder}/seed{seeds_of(setup, result.host)[0]}"


def _cell(cell: Cell, column: Column, origin: str, elsewhere: bool) -> dict[str, Any]:
    """A cell's texts and shade; measured on other data than the paper's (``elsewhere``), levels have none."""
    interval = ""
    if cell.low is not None and cell.high is not None:
        interval = f"95 % interval {column.show(cell.low)} to {column.show(cell.high)}"
    shown = column.show(cell.value)
    return {
        "shown": shown,
        "spread": column.show_spread(cell.spread),
        "interval": interval,
        "status": cell.shown_status or ("" if shown or column.signed else cell.status),
        "paper": column.show_paper(cell.paper),
        "order": cell.value,
        "notes": cell.notes,
        "origin": origin if shown else None,
    } | (NO_SHADE if elsewhere and not column.signed else _shade(cell, column))


def _shade(cell: Cell, column: Column) -> dict[str, Any]:
    """How far our number is from the paper's: above or below it, and how strongly to say so."""
    if cell.value is None or cell.paper is None:
        return NO_SHADE
    ours = cell.value if column.count else 100 * cell.value
    away = (ours - cell.paper) / (max(abs(cell.paper), 1) if column.count else 25)
    return {"side": "above" if away > 0 else "below", "shade": round(min(abs(away), 1) * WORST_SHADE, 3)}


def plots_context(results: Path) -> dict[str, list[dict[str, str]]]:
    """The plots there are, by heading."""
    found: dict[str, list[dict[str, str]]] = {heading: [] for heading in (*PLOTS.values(), "Further plots")}
    for name in _plot_names(results):
        file = f"page/{picture_file(name)}" if _kind(name) in PICTURES else f"plots/{name}.svg"
        found[PLOTS.get(_kind(name), "Further plots")].append({"file": file, "name": name.replace("_", " ")})
    return {heading: plots for heading, plots in found.items() if plots}


def picture_names(results: Path) -> list[str]:
    """The plots that are mostly photographs."""
    return [name for name in _plot_names(results) if _kind(name) in PICTURES]


def picture_file(name: str) -> Path:
    """Where the page has such a plot, below its folder."""
    return Path("plots", f"{name}.webp")


def _plot_names(results: Path) -> list[str]:
    return sorted(path.stem for path in (results / "plots").glob("*.svg") if path.stem != "claims")


def _kind(name: str) -> str:
    return next((kind for kind in PLOTS if name.startswith(kind)), "")


def origins(results: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each result by its place below ``metrics``: where its numbers come from, and how the run went."""
    for path in metrics_files(results):
        content, place = read_result(path), path.relative_to(results).with_suffix("").as_posix()
        run = read_json(run_path(path)) if run_path(path).exists() else {}
        yield place.removeprefix("metrics/"), {**content, "run": run, "place": place}
