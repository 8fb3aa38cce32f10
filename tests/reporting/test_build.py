import csv
import io
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from made_up import ORIGIN, CopyLast, NoisyShift, make_dataset

from instmove.errors import InstMoveError
from instmove.files import read_json, write_json
from instmove.metrics.motion import MotionResult, evaluate_motion
from instmove.metrics.result_files import run_path, write_metrics
from instmove.reporting.build import build_table, differences_csv, metrics_paths
from instmove.reporting.collect import METRIC_COLUMNS, collect

DESCRIPTION: dict[str, Any] = {
    "table": "2",
    "path": "metrics/motion/{dataset}/{motion}/seed{seed}.json",
    "columns": [
        {"group": "OVIS-Sub", "label": "mAP", "paper": "OVIS-Sub/mAP", "dataset": "made-up", "metric": "map"},
        {"group": "OVIS-Sub", "label": "IOU", "paper": "OVIS-Sub/IOU", "dataset": "made-up", "metric": "iou"},
        {"group": "Sparse", "label": "IOU", "paper": "OVIS-Sub-Sparse/IOU", "dataset": "not-run", "metric": "iou"},
    ],
    "rows": [
        {"label": "RAFT", "variant": "small", "paper": "RAFT", "motion": "raft"},
        {"label": "InstMove", "variant": "released", "paper": "InstMove", "motion": "noisy"},
        {"label": "Copy", "motion": "copy"},
    ],
    "differences": {"of": ["InstMove released"], "against": ["Copy", "RAFT small"]},
}
METHODS = {"copy": CopyLast, "noisy": lambda: NoisyShift(2)}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, MotionResult]:
    dataset = make_dataset(tmp_path_factory.mktemp("frames"), videos=6)
    return {name: evaluate_motion([(dataset, make())], 48) for name, make in METHODS.items()}


@pytest.fixture(scope="module")
def folder(results: dict[str, MotionResult], tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("results")
    for name, result in results.items():
        path = root / f"metrics/motion/made-up/{name}/seed0.json"
        origin = ORIGIN | {"method": "motion", "motion": name, "weights": {"instmove": "ab12"}}
        write_metrics(path, origin, result, draws=100)
    write_json(run_path(path), {"command": ["instmove", "evaluate"], "versions": {"torch": "2.13.0"}})
    return root


def test_measured_numbers_stand_beside_the_papers_and_what_was_not_run_is_empty(folder: Path) -> None:
    table = build_table(DESCRIPTION, folder, seed=0)
    raft, instmove, copy = table.rows
    measured = read_json(folder / "metrics/motion/made-up/noisy/seed0.json")["metrics"]
    assert [cell.value for cell in instmove.cells] == [measured["map"]["value"], measured["iou"]["value"], None]
    assert [cell.paper for cell in instmove.cells] == [67.8, 79.2, 70.7]
    assert [cell.value for cell in raft.cells] == [None] * 3
    assert [cell.paper for cell in copy.cells] == [None] * 3
    assert instmove.cells[1].low == measured["iou"]["low"]
    assert instmove.variant == "released"
    assert any("defines neither" in note for note in table.notes)


def test_notes_of_the_paper_are_marked_on_their_cells(folder: Path) -> None:
    description = {
        "table": "9",
        "path": "{motion}",
        "columns": [{"label": "Sparse-5", "paper": "Sparse-5", "metric": "map"}],
        "rows": [{"label": host, "paper": host, "motion": "none"} for host in ("IDOL", "IDOL+InstMove")],
    }
    table = build_table(description, folder, seed=0)
    assert table.rows[0].cells[0].notes == ()
    assert "18.8 in Table 9" in table.notes[table.rows[1].cells[0].notes[0] - 1]


def test_the_files_a_table_needs_are_known_before_they_exist() -> None:
    paths = metrics_paths(DESCRIPTION, Path("r"), seed=3)
    assert len(paths) == 6
    assert Path("r/metrics/motion/not-run/raft/seed3.json") in paths


def test_a_path_field_that_nobody_gives_is_an_error_that_names_the_row() -> None:
    with pytest.raises(InstMoveError, match=r"table 2, row 'RAFT': its path asks for 'host'"):
        metrics_paths(DESCRIPTION | {"path": "{host}.json"}, Path("r"), seed=0)


def test_paired_differences_of_the_rows_that_were_run(folder: Path, results: dict[str, MotionResult]) -> None:
    rows = list(csv.DictReader(io.StringIO(differences_csv(DESCRIPTION, folder, seed=0, draws=100))))
    assert [(row["metric"], row["model"], row["against"]) for row in rows] == [
        ("map", "InstMove released", "Copy"),
        ("iou", "InstMove released", "Copy"),
    ]
    expected = results["noisy"].iou.mean() - results["copy"].iou.mean()
    assert float(rows[1]["difference"]) == pytest.approx(expected)
    assert float(rows[1]["low"]) < expected < float(rows[1]["high"])
    assert int(rows[1]["samples"]) == len(results["copy"].iou)


def test_a_difference_of_an_unknown_row_is_an_error_with_the_nearest_one(folder: Path) -> None:
    differences = {"of": ["InstMove relesed"], "against": ["Copy"]}
    with pytest.raises(InstMoveError, match="table 2: row 'InstMove relesed' is unknown; did you mean 'InstMove rele"):
        differences_csv(DESCRIPTION | {"differences": differences}, folder, seed=0)


def test_collected_csvs_are_long_sorted_and_in_full_precision(
    folder: Path, results: dict[str, MotionResult], tmp_path: Path
) -> None:
    collect(folder / "metrics", tmp_path / "metrics.csv", tmp_path / "runs.csv")
    frame = pd.read_csv(tmp_path / "metrics.csv", keep_default_na=False)
    assert list(frame.columns) == METRIC_COLUMNS
    one = frame[(frame.motion == "copy") & (frame.metric == "iou") & (frame.sequence == "")]
    content = read_json(folder / "metrics/motion/made-up/copy/seed0.json")
    assert float(one.value.item()) == pytest.approx(content["metrics"]["iou"]["value"], abs=1e-15)
    sequences = frame[(frame.motion == "copy") & (frame.metric == "iou") & (frame.sequence != "")]
    assert list(sequences.sequence) == list(results["copy"].videos)
    assert set(frame.status) == {"ok"}
    keys = frame[["dataset", "method", "motion", "sequence", "metric"]].apply(tuple, axis=1).tolist()
    assert keys == sorted(keys)


def test_runs_say_origin_and_record(folder: Path, tmp_path: Path) -> None:
    collect(folder / "metrics", tmp_path / "metrics.csv", tmp_path / "runs.csv")
    runs = pd.read_csv(tmp_path / "runs.csv", keep_default_na=False)
    assert list(runs.run) == ["motion/made-up/copy/seed0", "motion/made-up/noisy/seed0"]
    assert set(runs["weights.instmove"]) == {"ab12"}
    assert sorted(runs["run.command"]) == ["", "instmove evaluate"]
    assert "2.13.0" in set(runs["run.versions.torch"])


def test_without_results_the_csvs_have_only_their_header(tmp_path: Path) -> None:
    collect(tmp_path, tmp_path / "metrics.csv", tmp_path / "runs.csv")
    assert (tmp_path / "metrics.csv").read_text() == ",".join(METRIC_COLUMNS) + "\n"
