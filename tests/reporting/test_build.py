import csv
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fabricated import write_tracking
from made_up import ORIGIN, CopyLast, NoisyShift, make_dataset

from instmove.config import load_setup
from instmove.errors import InstMoveError
from instmove.files import read_json, write_json
from instmove.metrics import video_ap
from instmove.metrics.bootstrap import draw_weights
from instmove.metrics.motion import MotionResult, evaluate_motion
from instmove.metrics.motion_files import write_motion_metrics
from instmove.metrics.result_files import run_path, samples_path, write_submission
from instmove.metrics.server_scores import scores_path
from instmove.metrics.video_ap import STATISTICS
from instmove.metrics.video_ap_files import load_matches
from instmove.reporting.build import build_table
from instmove.reporting.cells import Result, description_of
from instmove.reporting.collect import METRIC_COLUMNS, collect
from instmove.reporting.measured import Measurements
from instmove.reporting.tables import to_markdown
from instmove.reporting.tidy import HEADER, tidy_csv

PREDICTION: dict[str, Any] = {
    "table": "2",
    "host": "motion",
    "columns": [
        {"group": "OVIS-Sub", "label": "mAP", "paper": "OVIS-Sub/mAP", "benchmark": "made-up", "metric": "map"},
        {"group": "OVIS-Sub", "label": "IOU", "paper": "OVIS-Sub/IOU", "benchmark": "made-up", "metric": "iou"},
        {"group": "Sparse", "label": "IOU", "paper": "OVIS-Sub-Sparse/IOU", "benchmark": "not-run", "metric": "iou"},
    ],
    "rows": [
        {"label": "RAFT", "variant": "small", "paper": "RAFT", "motion": "raft"},
        {"label": "InstMove", "variant": "released", "paper": "InstMove", "motion": "noisy"},
        {"label": "Copy", "motion": "copy"},
    ],
    "differences": {"of": ["noisy"], "against": ["copy", "raft"]},
}
TRACKING: dict[str, Any] = {
    "table": "9",
    "columns": [
        {"label": "AP", "paper": "Sparse-5", "benchmark": "b", "metric": "AP"},
        {"label": "Δ AP", "paper": "Sparse-5", "benchmark": "b", "metric": "AP", "against": "none"},
    ],
    "rows": [
        {"label": "IDOL", "paper": "IDOL", "host": "idol", "motion": "none"},
        {
            "label": "IDOL+InstMove",
            "paper": "IDOL+InstMove",
            "variant": "released",
            "host": "idol",
            "motion": "instmove",
        },
        {"label": "IDOL+RAFT", "paper": "IDOL+RAFT", "host": "idol", "motion": "raft"},
        {"label": "MinVIS", "paper": "MinVIS", "host": "minvis", "motion": "none"},
        {"label": "MinVIS+InstMove", "paper": "MinVIS+InstMove", "host": "minvis", "motion": "instmove"},
    ],
    "differences": {"against": ["none"]},
}
METHODS = {"copy": CopyLast, "noisy": lambda: NoisyShift(2)}
PLAIN, HELPED = Result("idol", "b", "none", 0), Result("idol", "b", "instmove", 0)


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
        write_motion_metrics(path, origin, result, draws=100)
    write_json(run_path(path), {"command": ["instmove", "evaluate"], "versions": {"torch": "2.13.0"}})
    return root


@pytest.fixture(scope="module")
def tracking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """IDOL was run without motion and with InstMove; MinVIS is scored by a server, half of it."""
    root = tmp_path_factory.mktemp("tracking")
    write_tracking(root, make_dataset(root / "frames", videos=12), {PLAIN: 2, HELPED: 1})
    for motion, scores in (("none", {"AP": 20.0}), ("instmove", {"AP": 21.5}), ("raft", None)):
        metrics = root / Result("minvis", "b", motion, 0).path
        write_submission(metrics, ORIGIN, STATISTICS)
        if scores and (server := scores_path(metrics)):
            write_json(server, scores)
    return root


def lines_of(text: str, **wanted: str) -> list[dict[str, str]]:
    rows = list(csv.DictReader(io.StringIO(text)))
    return [row for row in rows if all(row[key] == value for key, value in wanted.items())]


def test_measured_numbers_stand_beside_the_papers_and_what_was_not_run_is_empty(folder: Path) -> None:
    table = build_table("table2", PREDICTION, Measurements(folder), seed=0)
    raft, instmove, copy = table.rows
    measured = read_json(folder / "metrics/motion/made-up/noisy/seed0.json")["metrics"]
    assert [cell.value for cell in instmove.cells] == [measured["map"]["value"], measured["iou"]["value"], None]
    assert [cell.paper for cell in instmove.cells] == [67.8, 79.2, 70.7]
    assert [cell.value for cell in raft.cells] == [None] * 3
    assert [cell.paper for cell in copy.cells] == [None] * 3
    assert instmove.cells[1].low == measured["iou"]["low"]
    assert instmove.variant == "released"
    assert any("defines neither" in note for note in table.notes)
    assert not any("Δ" in note for note in table.notes)


@pytest.mark.parametrize(
    ("hosts", "drawn"), [(["idol"], "videos"), (["stcn"], "objects"), (["idol", "stcn"], r"videos \(STCN: objects\)")]
)
def test_the_first_note_says_what_the_bootstrap_draws(tmp_path: Path, hosts: list[str], drawn: str) -> None:
    rows = [{"label": host, "host": host, "motion": "none"} for host in hosts]
    table = build_table("t", {**TRACKING, "rows": rows}, Measurements(tmp_path), seed=0)
    assert re.search(f"bootstrap over {drawn} ", table.notes[0])


def test_notes_on_numbers_that_a_table_does_not_show_are_left_out(tmp_path: Path) -> None:
    setup = load_setup("davis16")
    table = build_table("table6", description_of(setup, "table6"), Measurements(tmp_path), 0)
    assert [note for note in table.notes if "The paper's caption says YouTube-VIS" in note], "it is about the table"
    assert not [note for note in table.notes if "heads these columns" in note or "83.3" in note]


def test_notes_of_the_paper_are_marked_on_their_cells(tracking: Path) -> None:
    table = build_table("table9", TRACKING, Measurements(tracking, draws=20), seed=0)
    assert table.rows[0].cells[0].notes == ()
    assert "18.8 in Table 9" in table.notes[table.rows[1].cells[0].notes[0] - 1]


def test_gains_are_paired_and_stand_beside_the_difference_of_the_papers_values(tracking: Path) -> None:
    idol, helped, raft, *_ = build_table("t", TRACKING, Measurements(tracking, draws=200), seed=0).rows
    gain = helped.cells[1]
    before, after = (load_matches(samples_path(tracking / result.path)) for result in (PLAIN, HELPED))
    drawn = draw_weights(12, 200)
    spread = video_ap.average_precision(after, drawn) - video_ap.average_precision(before, drawn)
    assert gain.value == pytest.approx(helped.cells[0].value - idol.cells[0].value)  # type: ignore[operator]
    assert (gain.low, gain.high) == pytest.approx(tuple(np.percentile(spread, [2.5, 97.5])))
    assert gain.paper == pytest.approx(18.8 - 16.5)
    assert (idol.cells[1].value, idol.cells[1].paper) == (None, None)
    assert (raft.cells[1].value, raft.cells[1].paper) == (None, pytest.approx(17.5 - 16.5))


def test_gains_over_a_named_model_say_over_which(tracking: Path) -> None:
    columns = [{**column, "against": "kalman"} if "against" in column else column for column in TRACKING["columns"]]
    notes = build_table("t", TRACKING | {"columns": columns}, Measurements(tracking), seed=0).notes
    assert any(note.startswith("Δ over a named model") for note in notes)
    assert not any("without motion" in note for note in notes)


def test_server_scores_say_so_and_their_gain_has_no_interval(tracking: Path) -> None:
    table = build_table("t", TRACKING, Measurements(tracking), seed=0)
    value, gain = table.rows[4].cells
    assert (value.value, value.status) == (0.215, "server")
    assert (gain.value, gain.low) == (pytest.approx(0.015), None)
    assert "| 21.5 (server) | 18.2 | +1.5 (server) | +2.9 |" in to_markdown(table)
    assert table.notes[-1].startswith("server: scored by the benchmark's own server")


def test_a_submission_waits_for_its_scores(tracking: Path) -> None:
    row = {"label": "MinVIS+RAFT", "host": "minvis", "motion": "raft"}
    table = build_table("t", TRACKING | {"rows": [row]}, Measurements(tracking), seed=0)
    assert "| MinVIS+RAFT |  | (to submit) |  |" in to_markdown(table)


def test_long_lines_have_every_metric_its_origin_and_the_paper_as_a_fraction(tracking: Path) -> None:
    text = tidy_csv(TRACKING, Measurements(tracking, draws=50), seed=0)
    assert text.splitlines()[0] == ",".join(HEADER)
    assert [line["metric"] for line in lines_of(text, host="idol", motion="none")] == [
        *("AP", "AP50", "AP75", "AR1", "AR10")
    ]
    (line,) = lines_of(text, host="idol", motion="instmove", metric="AP")
    assert (line["against"], line["paper"], line["status"]) == ("none", "0.188", "ok")
    assert float(line["delta_low"]) < float(line["delta"]) < float(line["delta_high"])
    (recall,) = lines_of(text, host="idol", motion="instmove", metric="AR1")
    assert recall["delta"] and not recall["paper"]
    (missing,) = lines_of(text, host="idol", motion="raft", metric="AP")
    assert (missing["status"], missing["value"], missing["delta"]) == ("not run", "", "")


def test_paired_differences_of_the_rows_that_were_run(folder: Path, results: dict[str, MotionResult]) -> None:
    text = tidy_csv(PREDICTION, Measurements(folder, draws=100), seed=0)
    rows = lines_of(text, motion="noisy", benchmark="made-up", metric="iou")
    assert [row["against"] for row in rows] == ["copy", "raft"]
    expected = results["noisy"].iou.mean() - results["copy"].iou.mean()
    assert float(rows[0]["delta"]) == pytest.approx(expected)
    assert float(rows[0]["delta_low"]) < expected < float(rows[0]["delta_high"])
    assert rows[1]["delta"] == ""
    assert {row["against"] for row in lines_of(text, motion="copy")} == {""}


def test_a_difference_of_an_unknown_motion_is_an_error_with_the_nearest_one(folder: Path) -> None:
    differences = {"of": ["noissy"], "against": ["copy"]}
    with pytest.raises(InstMoveError, match="motion under differences 'noissy' is unknown; did you mean 'noisy'"):
        tidy_csv(PREDICTION | {"differences": differences}, Measurements(folder), seed=0)


def test_collected_csvs_are_long_sorted_and_in_full_precision(
    folder: Path, results: dict[str, MotionResult], tmp_path: Path
) -> None:
    collect(folder, tmp_path / "metrics.csv", tmp_path / "runs.csv")
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


def test_collected_results_of_a_server_keep_their_status(tracking: Path, tmp_path: Path) -> None:
    collect(tracking, tmp_path / "metrics.csv", tmp_path / "runs.csv")
    frame = pd.read_csv(tmp_path / "metrics.csv", keep_default_na=False)
    assert {"ok", "server", "submission"} <= set(frame.status)


def test_runs_say_origin_and_record(folder: Path, tmp_path: Path) -> None:
    collect(folder, tmp_path / "metrics.csv", tmp_path / "runs.csv")
    runs = pd.read_csv(tmp_path / "runs.csv", keep_default_na=False)
    assert list(runs.run) == ["motion/made-up/copy/seed0", "motion/made-up/noisy/seed0"]
    assert set(runs["weights.instmove"]) == {"ab12"}
    assert sorted(runs["run.command"]) == ["", "instmove evaluate"]
    assert "2.13.0" in set(runs["run.versions.torch"])


def test_without_results_the_csvs_have_only_their_header(tmp_path: Path) -> None:
    collect(tmp_path, tmp_path / "metrics.csv", tmp_path / "runs.csv")
    assert (tmp_path / "metrics.csv").read_text() == ",".join(METRIC_COLUMNS) + "\n"
