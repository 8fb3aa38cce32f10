from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from made_up import NoisyShift, make_dataset

from instmove.errors import InstMoveError
from instmove.metrics.motion import MotionResult, evaluate_motion
from instmove.reporting import error_plots
from instmove.reporting.error_plots import DISPLACEMENT_EDGES, OCCLUSION_EDGES, bins_of, plot_motion_error
from instmove.reporting.figures import figure
from instmove.reporting.filmstrips import choose_samples, plot_filmstrips, window_around
from instmove.reporting.learning_curves import plot_learning_curves, read_log, running_mean
from instmove.video import Dataset

LOG = "iteration,observe_loss,predict_loss,validation_iou\n10,3.5,4,\n20,2.5,3,0.4\n30,2,2.5,0.5\n"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return make_dataset(tmp_path_factory.mktemp("frames"), videos=7)


@pytest.fixture(scope="module")
def results(dataset: Dataset) -> dict[str, MotionResult]:
    models = {"near": NoisyShift(1), "far": NoisyShift(2, reach=6)}
    return {name: evaluate_motion([(dataset, model)], 48) for name, model in models.items()}


def drawn_twice(draw: Callable[[Path], None], folder: Path) -> tuple[list[bytes], list[bytes]]:
    draw(folder / "a.b")  # a dot in the name is part of it
    draw(folder / "c.d")
    return ([(folder / f"{name}.{suffix}").read_bytes() for suffix in ("png", "svg")] for name in ("a.b", "c.d"))  # type: ignore[return-value]


def test_motion_error_is_drawn_the_same_twice(results: dict[str, MotionResult], tmp_path: Path) -> None:
    first, second = drawn_twice(lambda path: plot_motion_error(results, "title", path, draws=20), tmp_path)
    assert first == second
    assert b"0.1-0.2" in first[1] and b"<dc:date>" not in first[1]


def test_filmstrips_are_drawn_the_same_twice(
    dataset: Dataset, results: dict[str, MotionResult], tmp_path: Path
) -> None:
    samples = choose_samples(results["near"], results["far"], (0.9,))
    first, second = drawn_twice(lambda path: plot_filmstrips(dataset, results, samples, "title", path), tmp_path)
    assert first == second
    for index in samples:
        assert f"IoU {results['near'].iou[index]:.2f}".encode() in first[1]


def test_learning_curves_are_drawn_the_same_twice(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(LOG)
    logs = {"one": tmp_path / "log.csv"}
    first, second = drawn_twice(lambda path: plot_learning_curves(logs, "title", path), tmp_path)
    assert first == second
    assert b"one, predict" in first[1] and b"one, iou" in first[1]


def test_a_png_is_not_blank(tmp_path: Path) -> None:
    with figure(2, 1, tmp_path / "f") as made:
        made.subplots().plot([0, 1], [0, 1])
    image = cv2.imread(str(tmp_path / "f.png"))
    assert image is not None and image.shape[:2] == (150, 300)
    assert image.min() < 50 and image.max() == 255


def test_a_failed_drawing_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), figure(2, 1, tmp_path / "f"):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_bins_hold_their_lower_edge() -> None:
    values = np.array([0.0, 0.049, 0.05, 0.4, 0.79, 0.8, 9.0])
    np.testing.assert_array_equal(bins_of(values, DISPLACEMENT_EDGES), [0, 0, 1, 4, 4, 5, 5])
    np.testing.assert_array_equal(bins_of(np.array([0.0, 0.001, 0.2, 1.0]), OCCLUSION_EDGES), [0, 1, 2, 4])


def test_bins_of_few_videos_are_left_out(
    results: dict[str, MotionResult], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen: list[int] = []
    monkeypatch.setattr(error_plots, "_error", lambda result, bin_, draws: chosen.append(bin_.sum()) or (0.5, 0.4, 0.6))
    sparse = {"one": replace(results["near"], displacement=np.where(results["near"].video < 4, 9.0, 0.0))}
    plot_motion_error(sparse, "title", tmp_path / "f")
    left_out = sum(sparse["one"].displacement == 9.0), sum(sparse["one"].displacement == 0.0)
    assert not set(left_out) & set(chosen)


def test_chosen_samples_are_the_quantiles_of_the_difference(results: dict[str, MotionResult]) -> None:
    near, far = results["near"], results["far"]
    difference = near.iou - far.iou
    lowest, middle, highest = choose_samples(near, far, (0, 0.5, 1))
    assert difference[lowest] == difference.min()
    assert difference[highest] == difference.max()
    assert (difference <= difference[middle]).mean() == pytest.approx(0.5, abs=0.02)


def test_a_strip_of_another_dataset_is_an_error(
    dataset: Dataset, results: dict[str, MotionResult], tmp_path: Path
) -> None:
    moved = {name: replace(result, track=result.track + 99) for name, result in results.items()}
    with pytest.raises(InstMoveError, match="the results are of another dataset"):
        plot_filmstrips(dataset, moved, [0], "title", tmp_path / "f")


def test_a_window_holds_the_mask_with_a_margin_inside_the_frame() -> None:
    mask = np.zeros((40, 60), dtype=bool)
    mask[10:20, 30:34] = True
    rows, columns = window_around(mask)
    assert (rows.start, rows.stop) == (6, 24)
    assert (columns.start, columns.stop) == (23, 41)
    mask[:, :] = True
    assert mask[window_around(mask)].all()


def test_a_log_is_read_by_column_without_empty_fields(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(LOG)
    curves = read_log(tmp_path / "log.csv")
    assert list(curves) == ["observe_loss", "predict_loss", "validation_iou"]
    np.testing.assert_array_equal(curves["validation_iou"], [[20, 30], [0.4, 0.5]])


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "iteration,loss\n1,what\n", "iteration,loss\n1\n"])
def test_a_broken_log_is_an_error_that_names_it(text: str, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(text)
    with pytest.raises(InstMoveError, match=r"log\.csv: not a training log"):
        read_log(tmp_path / "log.csv")
    with pytest.raises(InstMoveError, match=r"no\.csv: training log not found"):
        read_log(tmp_path / "no.csv")


def test_running_mean_by_hand() -> None:
    np.testing.assert_allclose(running_mean(np.array([1.0, 2.0, 6.0]), 3), [1.5, 3.0, 4.0])
    np.testing.assert_allclose(running_mean(np.array([5.0]), 9), [5.0])
