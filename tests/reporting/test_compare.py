"""Comparing runs, on fabricated results."""

import csv
import shutil
from pathlib import Path

import pytest
from fabricated import write_tracking
from made_up import make_dataset

from instmove.cli import main
from instmove.files import read_json, write_json
from instmove.reporting.cells import Result
from instmove.reporting.compare import compare_runs

SAME, BROKEN, GONE = (Result(host, "ovis", "none", 0) for host in ("idol", "minvis", "crossvis"))


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    """The second run swaps many identities of MinVIS and lacks CrossVIS."""
    dataset = make_dataset(tmp_path / "frames", videos=10, tracks=4)
    first, second = tmp_path / "first", tmp_path / "second"
    write_tracking(first, dataset, {SAME: 1, BROKEN: 0, GONE: 1})
    write_tracking(second, dataset, {SAME: 1, BROKEN: 4})
    return first, second


def test_what_moved_is_told_and_what_is_missing_named(
    runs: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out/changes.csv"
    assert main(["compare", *map(str, runs), "-o", str(output)]) == 0
    printed = capsys.readouterr().out
    assert "minvis/ovis/none seed 0 AP:" in printed and "idol/ovis" not in printed
    assert f"metrics/crossvis/ovis/none/seed0.json: only in {runs[0]}" in printed
    lines = list(csv.DictReader(output.open()))
    assert {line["moved"] for line in lines if line["host"] == "idol"} == {"no"}
    assert {line["change"] for line in lines if line["host"] == "idol"} == {"0.0"}
    assert {line["how"] for line in lines if line["metric"] == "AP"} == {"paired"}


def test_a_run_does_not_move_from_itself(runs: tuple[Path, Path]) -> None:
    changes, alone = compare_runs(runs[0], runs[0])
    assert alone == [] and changes and not any(each.moved or each.change for each in changes)


def test_a_change_is_of_the_second_run_and_its_interval_lies_around_it(runs: tuple[Path, Path]) -> None:
    for order, sign in ((runs, -1), (runs[::-1], 1)):
        (ap,) = [each for each in compare_runs(*order)[0] if each.result == BROKEN and each.metric == "AP"]
        assert sign * ap.change > 0, "the second run has the swapped identities"
        assert min(sign * ap.low, sign * ap.high) > 0 and ap.low < ap.change < ap.high


def test_results_on_other_videos_are_compared_by_their_intervals(runs: tuple[Path, Path], tmp_path: Path) -> None:
    shutil.rmtree(runs[1])
    write_tracking(runs[1], make_dataset(tmp_path / "others", videos=9, tracks=4), {SAME: 1})
    changes, _ = compare_runs(*runs)
    assert {each.how for each in changes} == {"unpaired"}
    (ap,) = [each for each in changes if each.metric == "AP"]
    before, after = (read_json(run / SAME.path)["metrics"]["AP"] for run in runs)
    assert (ap.low, ap.high) == (after["low"] - before["high"], after["high"] - before["low"])


def test_a_folder_without_results_is_an_error_that_names_it(
    runs: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_json(tmp_path / "empty/other.json", {})
    assert main(["compare", str(runs[0]), str(tmp_path / "empty")]) == 1
    assert "empty: no metrics below it" in capsys.readouterr().err
