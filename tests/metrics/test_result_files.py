import json
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from made_tracks import matched
from made_up import ORIGIN, CopyLast, NoisyShift, make_dataset

from instmove.errors import InstMoveError
from instmove.metrics.motion import MotionResult, evaluate_motion
from instmove.metrics.result_files import (
    load_matches,
    load_samples,
    read_result,
    samples_path,
    save_matches,
    save_samples,
    write_metrics,
    write_video_metrics,
)
from instmove.metrics.video_ap import VideoMatches
from instmove.provenance import Stopwatch, run_record


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
        write_metrics(tmp_path / name / "seed0.json", ORIGIN, result, draws=20)
    first, second = (sorted((tmp_path / name).iterdir()) for name in ("a", "b"))
    assert [path.name for path in first] == ["seed0.json", "seed0.samples.npz"]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_the_file_says_value_interval_number_and_origin(result: MotionResult, tmp_path: Path) -> None:
    write_metrics(tmp_path / "m.json", ORIGIN, result, draws=50)
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
    write_metrics(tmp_path / "m.json", ORIGIN, gapless, draws=5)
    found = json.loads((tmp_path / "m.json").read_text())["metrics"]["iou_after_gap"]
    assert found == {"value": None, "low": None, "high": None, "n": 0, "unit": "fraction"}


def test_a_number_without_its_origin_is_refused(result: MotionResult, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="origin without setup"):
        write_metrics(tmp_path / "m.json", {}, result, draws=5)
    assert not (tmp_path / "m.json").exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short", b"\x80\x04 pickle"])
def test_broken_samples_are_an_error_that_names_the_file(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "s.npz").write_bytes(content)
    with pytest.raises(InstMoveError, match=r"s\.npz: cannot read the predictions"):
        load_samples(tmp_path / "s.npz")
    with pytest.raises(InstMoveError, match=r"missing\.npz: cannot read"):
        load_samples(tmp_path / "missing.npz")


def test_foreign_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text("[1]")
    with pytest.raises(InstMoveError, match=r"m\.json: not a metrics file"):
        read_result(tmp_path / "m.json")


def test_the_samples_lie_beside_the_metrics() -> None:
    assert samples_path(Path("a/seed0.json")) == Path("a/seed0.samples.npz")


def test_a_run_record_is_json_and_says_how_long() -> None:
    record = run_record(0.0, ["instmove", "evaluate-motion"])
    assert json.loads(json.dumps(record)) == record
    assert record["seconds"] > 1e9
    assert record["date"] == "1970-01-01T00:00:00+00:00"
    assert record["versions"]["numpy"] == np.__version__


def test_a_stopwatch_writes_the_record(tmp_path: Path) -> None:
    Stopwatch().write(tmp_path / "seed0.run.json")
    record = json.loads((tmp_path / "seed0.run.json").read_text())
    assert 0 <= record["seconds"] < 60
    assert record["command"]


def test_copying_needs_no_confidence(tmp_path: Path) -> None:
    result = evaluate_motion([(make_dataset(tmp_path), CopyLast())], 48)
    np.testing.assert_array_equal(result.hits, result.hits_constant)


@pytest.fixture(scope="module")
def matches(tmp_path_factory: pytest.TempPathFactory) -> VideoMatches:
    return matched(make_dataset(tmp_path_factory.mktemp("videos"), videos=5), seed=0)


def test_matches_survive_the_file(matches: VideoMatches, tmp_path: Path) -> None:
    save_matches(tmp_path / "s.npz", matches)
    again = load_matches(tmp_path / "s.npz")
    for field in fields(matches):
        np.testing.assert_array_equal(getattr(again, field.name), getattr(matches, field.name))


def test_samples_of_another_kind_are_refused(result: MotionResult, matches: VideoMatches, tmp_path: Path) -> None:
    save_samples(tmp_path / "motion.npz", result)
    save_matches(tmp_path / "video.npz", matches)
    with pytest.raises(InstMoveError, match=r"motion\.npz: cannot read"):
        load_matches(tmp_path / "motion.npz")
    with pytest.raises(InstMoveError, match=r"video\.npz: cannot read"):
        load_samples(tmp_path / "video.npz")


def test_video_metrics_are_complete_and_equal_bytes(matches: VideoMatches, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_video_metrics(tmp_path / name / "seed0.json", ORIGIN, matches, draws=50)
    first, second = (sorted((tmp_path / name).iterdir()) for name in ("a", "b"))
    assert [path.name for path in first] == ["seed0.json", "seed0.samples.npz"]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    content = read_result(first[0])
    metrics = content["metrics"]
    assert metrics["AP"]["low"] < metrics["AP"]["value"] < metrics["AP"]["high"]
    assert metrics["AP"]["n"] == len(matches.truth_video)
    categories = [metrics[f"AP_category_{category}"]["value"] for category in np.unique(matches.truth_category)]
    thresholds = [metrics[f"AP_iou_{percent / 100:.2f}"]["value"] for percent in range(50, 100, 5)]
    assert [metrics[f"AP_{area}"]["n"] for area in ("small", "medium", "large")] == [len(matches.truth_video), 0, 0]
    assert np.mean(categories) == pytest.approx(metrics["AP"]["value"])
    assert np.mean(thresholds) == pytest.approx(metrics["AP"]["value"])
    assert list(content["per_sequence"]) == sorted(matches.videos)
    assert content["bootstrap"] == {"draws": 50, "seed": 0, "unit": "video", "videos": 5}
    assert metrics["AP_large"]["value"] is None
