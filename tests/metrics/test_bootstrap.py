from pathlib import Path

import numpy as np
import pytest
from made_up import CopyLast, NoisyShift, make_dataset

from instmove.errors import InstMoveError
from instmove.metrics import bootstrap
from instmove.metrics.bootstrap import draw_weights, estimate, require_same_samples
from instmove.metrics.motion import MotionResult, evaluate_motion
from instmove.metrics.motion_statistics import STATISTICS, mean_iou


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> tuple[MotionResult, MotionResult]:
    dataset = make_dataset(tmp_path_factory.mktemp("frames"), videos=8)
    return evaluate_motion([(dataset, CopyLast())], 48), evaluate_motion([(dataset, NoisyShift(1))], 48)


def test_every_draw_has_as_many_videos_and_the_seed_decides() -> None:
    weights = draw_weights(7, draws=50, seed=3)
    assert weights.shape == (50, 7)
    assert (weights.sum(axis=1) == 7).all()
    np.testing.assert_array_equal(weights, draw_weights(7, draws=50, seed=3))
    assert (weights != draw_weights(7, draws=50, seed=4)).any()


def test_mean_iou_of_a_draw_is_the_mean_over_the_drawn_videos_samples(results: tuple[MotionResult, ...]) -> None:
    result = results[0]
    weights = draw_weights(len(result.videos), draws=20)
    for weight, ours in zip(weights, mean_iou(result, weights), strict=True):
        drawn = np.concatenate([np.tile(result.iou[result.video == v], n) for v, n in enumerate(weight)])
        assert ours == pytest.approx(drawn.mean())


def test_subsets_by_gap_share_the_samples_out(results: tuple[MotionResult, ...]) -> None:
    result = results[0]
    assert 0 < result.after_gap.sum() < len(result.iou)
    value = {name: estimate(result, statistic, draws=10).value for name, statistic in STATISTICS.items()}
    share = result.after_gap.mean()
    assert value["iou"] == pytest.approx(share * value["iou_after_gap"] + (1 - share) * value["iou_continuous"])


@pytest.mark.parametrize("name", STATISTICS)
def test_the_interval_holds_the_value_and_the_draws_percentiles(name: str, results: tuple[MotionResult, ...]) -> None:
    found = estimate(results[1], STATISTICS[name], draws=300, seed=5)
    drawn = STATISTICS[name](results[1], draw_weights(len(results[1].videos), 300, 5))
    assert found.low is not None and found.value is not None and found.high is not None
    assert found.low < found.value < found.high
    assert np.nanmean(drawn < found.low) == pytest.approx(0.025, abs=0.005)
    assert np.nanmean(drawn > found.high) == pytest.approx(0.025, abs=0.005)


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    generator = np.random.default_rng(0)
    covered = []
    for _ in range(300):
        video_means = generator.normal(0.6, 0.1, 40)
        drawn = draw_weights(40, draws=300) @ video_means / 40
        found = bootstrap.interval(float(video_means.mean()), drawn)
        covered.append(found.low <= 0.6 <= found.high)  # type: ignore[operator]
    assert 0.9 < np.mean(covered) < 0.98


def test_what_cannot_be_computed_is_none() -> None:
    assert bootstrap.interval(float("nan"), np.array([np.nan])) == bootstrap.Estimate(None)


def test_results_on_other_samples_are_refused(results: tuple[MotionResult, ...], tmp_path: Path) -> None:
    other = evaluate_motion([(make_dataset(tmp_path, videos=3), CopyLast())], 48)
    with pytest.raises(InstMoveError, match="differ in their samples"):
        require_same_samples(results[0], other)
