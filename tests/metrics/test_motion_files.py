import json
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from made_up import ORIGIN, CopyLast, NoisyShift, make_dataset

from instmove.code_digest import closure_digest
from instmove.errors import InstMoveError
from instmove.metrics import motion_files
from instmove.metrics.motion import MotionResult, evaluate_motion
from instmove.metrics.motion_files import load_samples, save_samples, write_motion_metrics
from instmove.metrics.result_files import read_result


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> MotionResult:
    return evaluate_motion([(make_dataset(tmp_path_factory.mktemp("frames")), NoisyShift(1))], 48)


def test_samples_survive_the_file(result: MotionResult, tmp_path: Path) -> None:
    save_samples(tmp_path / "s.npz", result)
    again = load_samples(tmp_path / "s.npz")
    for field in fields(result):
        np.testing.assert_array_equal(getattr(again, field.name), getattr(result, field.name))


def test_equal_results_are_equal_bytes(result: MotionResult, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_motion_metrics(tmp_path / name / "seed0.json", ORIGIN, result, draws=20)
    first, second = (sorted((tmp_path / name).iterdir()) for name in ("a", "b"))
    assert [path.name for path in first] == ["seed0.json", "seed0.samples.npz"]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_the_file_says_value_interval_number_and_origin(result: MotionResult, tmp_path: Path) -> None:
    write_motion_metrics(tmp_path / "m.json", ORIGIN, result, draws=50)
    content = read_result(tmp_path / "m.json")
    assert content["origin"] == ORIGIN
    iou = content["metrics"]["iou"]
    assert iou["value"] == pytest.approx(result.iou.mean())
    assert iou["low"] < iou["value"] < iou["high"]
    assert iou["n"] == len(result.iou)
    parts = [content["metrics"][name]["n"] for name in ("iou_after_gap", "iou_continuous")]
    assert sum(parts) == len(result.iou)
    weighted = [record["iou"]["value"] * record["iou"]["n"] for record in content["per_sequence"].values()]
    assert sum(weighted) / len(result.iou) == pytest.approx(iou["value"])


def test_a_metric_that_cannot_be_computed_is_null(result: MotionResult, tmp_path: Path) -> None:
    gapless = replace(result, after_gap=np.zeros_like(result.after_gap))
    write_motion_metrics(tmp_path / "m.json", ORIGIN, gapless, draws=5)
    found = json.loads((tmp_path / "m.json").read_text())["metrics"]["iou_after_gap"]
    assert found == {"value": None, "low": None, "high": None, "n": 0, "unit": "fraction"}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short", b"\x80\x04 pickle"])
def test_broken_samples_are_an_error_that_names_the_file(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "s.npz").write_bytes(content)
    with pytest.raises(InstMoveError, match=r"s\.npz: cannot read the predictions"):
        load_samples(tmp_path / "s.npz")
    with pytest.raises(InstMoveError, match=r"missing\.npz: cannot read"):
        load_samples(tmp_path / "missing.npz")


def test_copying_needs_no_confidence(tmp_path: Path) -> None:
    result = evaluate_motion([(make_dataset(tmp_path), CopyLast())], 48)
    np.testing.assert_array_equal(result.hits, result.hits_constant)


def test_the_code_is_that_of_the_scorer(result: MotionResult, tmp_path: Path) -> None:
    write_motion_metrics(tmp_path / "m.json", ORIGIN, result, draws=5)
    assert read_result(tmp_path / "m.json")["evaluation_code"] == closure_digest(motion_files.__name__)
