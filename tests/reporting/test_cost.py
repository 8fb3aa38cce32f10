import csv
import io
from pathlib import Path
from typing import Any

import pytest

from instmove.files import write_json
from instmove.metrics.result_files import run_path
from instmove.reporting.cells import Result
from instmove.reporting.cost import HEADER, Cost, cost_csv, cost_markdown, costs_of

SETUP: dict[str, Any] = {
    "benchmarks": {name: {"checkpoint": "mini", "split": name} for name in ("one", "two")},
}
PLAIN, HELPED, OTHER, PLAIN_OTHER = (
    Result("idol", benchmark, motion, 0)
    for benchmark, motion in (("one", "none"), ("one", "kalman"), ("two", "kalman"), ("two", "none"))
)


def record(folder: Path, result: Result, frames: int, predictions: int, motion: float, association: float) -> None:
    content = {"frames": frames, "tracklet_predictions": predictions, "motion_seconds": motion}
    write_json(run_path(folder / result.path), content | {"association_seconds": association, "device": "cpu"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    record(tmp_path, PLAIN, 100, 0, 0.0, 0.1)
    record(tmp_path, HELPED, 100, 400, 2.0, 0.3)
    record(tmp_path, OTHER, 300, 600, 3.0, 0.3)
    write_json(tmp_path / "predictions/idol/mini/one/index.run.json", {"frames": 100, "prediction_seconds": 4.0})
    return tmp_path


def table(costs: dict[Result, Cost]) -> list[str]:
    """Its lines without caption and heads."""
    motions = {"none": "none", "kalman": "Kalman", "raft": "RAFT"}
    return cost_markdown(costs, {"idol": "IDOL"}, motions, {"one": "One"}).splitlines()[4:]


def test_costs_are_per_frame_and_beside_the_networks(folder: Path) -> None:
    costs = costs_of(SETUP, [PLAIN, HELPED, OTHER, Result("idol", "two", "none", 0)], folder)
    assert set(costs) == {PLAIN, HELPED, OTHER}  # the last was not run
    rows = {row["benchmark"] + row["motion"]: row for row in csv.DictReader(io.StringIO(cost_csv(costs)))}
    assert list(rows["onekalman"]) == list(HEADER)
    assert [float(rows["onekalman"][key]) for key in HEADER[5:11]] == pytest.approx([4.0, 20.0, 3.0, 40.0, 0.5, 0.075])
    assert rows["onenone"]["motion_share"] == "0.0"
    assert (rows["twokalman"]["network_ms_per_frame"], rows["twokalman"]["motion_share"]) == ("", "")


def test_the_table_pools_the_benchmarks_by_their_frames(folder: Path) -> None:
    write_json(folder / "predictions/idol/mini/two/index.run.json", {"frames": 300, "prediction_seconds": 6.0})
    record(folder, PLAIN_OTHER, 300, 0, 0.0, 0.3)
    costs = costs_of(SETUP, [PLAIN, HELPED, OTHER, PLAIN_OTHER], folder)
    assert table(costs) == [
        "| IDOL | none | 0.0 | 0.0 | 1.00 | 25.0 | 0% | 4.0% | cpu | One, two |",
        "| IDOL | Kalman | 2.5 | 12.5 | 1.50 | 25.0 | 50% | 6.0% | cpu | One, two |",
    ]


def test_motions_are_compared_on_the_benchmarks_that_all_of_them_have(folder: Path) -> None:
    costs = costs_of(SETUP, [PLAIN, HELPED, OTHER], folder)
    assert table(costs) == [
        "| IDOL | none | 0.0 | 0.0 | 1.00 | 40.0 | 0% | 2.5% | cpu | One |",
        "| IDOL | Kalman | 4.0 | 20.0 | 3.00 | 40.0 | 50% | 7.5% | cpu | One |",
    ]


def test_a_host_has_the_cost_of_its_own_results_alone(folder: Path) -> None:
    other = Result("minvis", "one", "kalman", 0)
    record(folder, other, 50, 100, 5.0, 0.5)
    costs = costs_of(SETUP, [HELPED, other], folder)
    lines = cost_markdown(costs, {"idol": "IDOL", "minvis": "MinVIS"}, {"kalman": "Kalman"}, {}).splitlines()[4:]
    assert lines == [
        "| IDOL | Kalman | 4.0 | 20.0 | 3.00 | 40.0 | 50% | 7.5% | cpu | one |",
        "| MinVIS | Kalman | 2.0 | 100.0 | 10.00 |  |  |  | cpu | one |",
    ]


def test_without_records_the_table_is_empty(tmp_path: Path) -> None:
    costs = costs_of(SETUP, [PLAIN], tmp_path)
    assert cost_csv(costs) == ",".join(HEADER) + "\n"
    assert table(costs) == []
