"""Paired differences of results, from the predictions beside their metrics files."""

from pathlib import Path

import numpy as np
import pytest
from made_tracks import matched
from made_up import ORIGIN, CopyLast, NoisyShift, make_dataset

from instmove.errors import InstMoveError
from instmove.metrics.motion import evaluate_motion
from instmove.metrics.motion_files import write_motion_metrics
from instmove.metrics.motion_statistics import STATISTICS
from instmove.metrics.video_ap_files import write_video_metrics
from instmove.reporting.cells import Result
from instmove.reporting.measured import VIDEO_METRICS, Drawn, Measurements

COPY, NOISY = (Result("motion", "b", motion, 0) for motion in ("copy", "noisy"))
PLAIN, HELPED = (Result("idol", "b", motion, 0) for motion in ("none", "instmove"))
PAIRS = [((COPY, NOISY), name) for name in STATISTICS] + [((HELPED, PLAIN), name) for name in VIDEO_METRICS]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models of motion, and tracks of which one result has many in the wrong category, the other none."""
    root = tmp_path_factory.mktemp("results")
    dataset = make_dataset(root / "frames", videos=8)
    for result, model in ((COPY, CopyLast()), (NOISY, NoisyShift(1))):
        write_motion_metrics(root / result.path, ORIGIN, evaluate_motion([(dataset, model)], 48), draws=50)
    for result, wrong in ((PLAIN, 0.9), (HELPED, 0.0)):
        write_video_metrics(root / result.path, ORIGIN, matched(dataset, seed=2, wrong=wrong), draws=50)
    return root


@pytest.mark.parametrize(("pair", "metric"), PAIRS)
def test_an_effect_is_paired(pair: tuple[Result, Result], metric: str, folder: Path) -> None:
    measurements = Measurements(folder, draws=50)

    def effect(first: Result, second: Result) -> Drawn:
        found = measurements.effect((first, second), metric)
        assert found is not None and found.draws is not None
        return found

    same, forth, back = effect(pair[0], pair[0]), effect(*pair), effect(*pair[::-1])
    assert same.value == 0 and not same.draws.any()
    assert forth.value == -back.value != 0
    np.testing.assert_array_equal(forth.draws, -back.draws)


def test_the_interval_of_a_gain_holds_it(folder: Path) -> None:
    value, low, high = Measurements(folder, draws=200).gain(HELPED, "none", "AP").numbers
    assert value is not None and low is not None and high is not None
    assert 0 < low < value < high


def test_results_on_other_samples_have_no_difference(folder: Path) -> None:
    other = HELPED._replace(motion="other")
    dataset = make_dataset(folder / "other", videos=3)
    write_video_metrics(folder / other.path, ORIGIN, matched(dataset, seed=2), draws=50)
    with pytest.raises(InstMoveError, match="differ in their samples"):
        Measurements(folder, draws=50).gain(other, "none", "AP")
