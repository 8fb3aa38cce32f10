"""Several seeds: means with their spread in tables, and what a seed changes."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fabricated import write_tracking
from made_up import make_dataset

from instmove.files import read_json, write_json
from instmove.reporting.build import build_table
from instmove.reporting.cells import Result
from instmove.reporting.measured import Measurements
from instmove.reporting.page.numbers import WrittenNumbers
from instmove.reporting.tables import to_csv, to_latex, to_markdown
from instmove.reporting.tidy import tidy_csv

TABLE: dict[str, Any] = {
    "table": "3",
    "host": "idol",
    "columns": [
        {"label": "AP", "benchmark": "ytvis_long", "metric": "AP"},
        {"label": "Δ AP", "benchmark": "ytvis_long", "metric": "AP", "against": "none"},
    ],
    "rows": [{"label": "IDOL", "motion": "none"}, {"label": "IDOL+InstMove", "motion": "instmove"}],
    "differences": {"against": ["none"]},
}
SEEDS = (0, 1, 2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """InstMove of three seeds, more swaps in each; the host alone once."""
    root = tmp_path_factory.mktemp("seeds")
    dataset = make_dataset(root / "frames", videos=10, tracks=4)
    swaps = {Result("idol", "ytvis_long", "instmove", seed): seed for seed in SEEDS}
    write_tracking(root, dataset, swaps | {Result("idol", "ytvis_long", "none", 0): 4})
    return root


def test_a_cell_is_the_mean_with_the_spread_over_seeds(folder: Path) -> None:
    table = build_table("table3", TABLE, Measurements(folder, lambda host: SEEDS, draws=100), seed=0)
    alone, moved = (row.cells for row in table.rows)
    places = [folder / Result("idol", "ytvis_long", "instmove", seed).path for seed in SEEDS]
    values = [read_json(path)["metrics"]["AP"]["value"] for path in places]
    assert moved[0].value == pytest.approx(np.mean(values)) and moved[0].spread == pytest.approx(np.std(values, ddof=1))
    assert alone[0].spread is None and alone[0].value is not None
    assert moved[1].value == pytest.approx(np.mean(values) - alone[0].value)
    assert moved[0].low is not None and moved[0].high is not None
    assert moved[0].low < min(values) or moved[0].high > max(values), "seeds are drawn with the videos"


def test_the_spread_is_in_all_renderings_and_only_where_there_is_one(folder: Path) -> None:
    several = build_table("table3", TABLE, Measurements(folder, lambda host: SEEDS, draws=50), seed=0)
    one = build_table("table3", TABLE, Measurements(folder, draws=50), seed=0)
    assert "AP spread" in to_csv(several) and " ± " in to_markdown(several) and r"$\pm$" in to_latex(several)
    assert "spread" not in to_csv(one) and "±" not in to_markdown(one)


def test_the_page_reads_from_the_long_csv_what_the_table_shows(folder: Path, tmp_path: Path) -> None:
    """A metric without an interval and the spread of gains, too."""
    shutil.copytree(folder / "metrics", tmp_path / "metrics")
    for path in tmp_path.rglob("seed?.json"):
        content = read_json(path)
        write_json(path, content | {"metrics": content["metrics"] | {"HOTA": {"value": 0.45, "unit": "fraction"}}})
    column = {"label": "HOTA", "benchmark": "ytvis_long", "metric": "HOTA"}
    described = TABLE | {"columns": [*TABLE["columns"], column]}
    measured = Measurements(tmp_path, lambda host: SEEDS, draws=50)
    (tmp_path / "long.csv").write_text(tidy_csv(described, measured, seed=0))
    written = WrittenNumbers(tmp_path / "long.csv")
    table = build_table("table3", described, measured, seed=0)
    assert table == build_table("table3", described, written, seed=0)
    assert [row.cells[-1].value for row in table.rows] == [0.45, 0.45] and table.rows[1].cells[1].spread is not None
    assert any(note.startswith("±: standard deviation") for note in table.notes)
