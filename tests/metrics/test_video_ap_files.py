from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from made_tracks import matched
from made_up import ORIGIN, NoisyShift, make_dataset

from instmove.code_digest import closure_digest
from instmove.errors import InstMoveError
from instmove.metrics import video_ap_files
from instmove.metrics.motion import evaluate_motion
from instmove.metrics.motion_files import load_samples, save_samples
from instmove.metrics.result_files import read_result
from instmove.metrics.video_ap import VideoMatches
from instmove.metrics.video_ap_files import load_matches, save_matches, write_video_metrics


@pytest.fixture(scope="module")
def matches(tmp_path_factory: pytest.TempPathFactory) -> VideoMatches:
    return matched(make_dataset(tmp_path_factory.mktemp("videos"), videos=5), seed=0)


def test_matches_survive_the_file(matches: VideoMatches, tmp_path: Path) -> None:
    save_matches(tmp_path / "s.npz", matches)
    again = load_matches(tmp_path / "s.npz")
    for field in fields(matches):
        np.testing.assert_array_equal(getattr(again, field.name), getattr(matches, field.name))


def test_video_metrics_are_complete_and_equal_bytes(matches: VideoMatches, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_video_metrics(tmp_path / name / "seed0.json", ORIGIN, matches, draws=50)
    first, second = (sorted((tmp_path / name).iterdir()) for name in ("a", "b"))
    assert [path.name for path in first] == ["seed0.json", "seed0.samples.npz"]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    content = read_result(first[0])
    assert content["evaluation_code"] == closure_digest(video_ap_files.__name__)
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


def test_samples_of_another_kind_are_refused(matches: VideoMatches, tmp_path: Path) -> None:
    result = evaluate_motion([(make_dataset(tmp_path / "frames"), NoisyShift(1))], 48)
    save_samples(tmp_path / "motion.npz", result)
    save_matches(tmp_path / "video.npz", matches)
    with pytest.raises(InstMoveError, match=r"motion\.npz: cannot read"):
        load_matches(tmp_path / "motion.npz")
    with pytest.raises(InstMoveError, match=r"video\.npz: cannot read"):
        load_samples(tmp_path / "video.npz")
