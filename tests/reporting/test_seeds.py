"""Several seeds: means with their spread in tables, and what a seed changes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fabricated import write_tracking
from made_up import make_dataset

from instmove.files import read_json
from instmove.reporting.build import build_table
from instmove.reporting.cells import Result
from instmove.reporting.measured import Measurements
from instmove.reporting.tables import to_csv, to_latex, to_markdown

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
