from pathlib import Path

import numpy as np
import pytest
from made_up import CopyLast, NoisyShift, make_dataset, rectangle

from instmove import masks
from instmove.errors import InstMoveError
from instmove.metrics.motion import evaluate_motion
from instmove.metrics.samples import evaluation_list
from instmove.video import Dataset, Track


def test_copying_is_scored_as_the_overlap_of_neighbouring_masks(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path)
    result = evaluate_motion([(dataset, CopyLast())], longest=48)  # the grid is the frame itself
    expected = [
        masks.rle_iou([sample.track.masks[sample.history[-1]]], [sample.track.masks[sample.frame]])[0, 0]  # type: ignore[list-item]
        for name in sorted(dataset.names)
        for sample in evaluation_list(dataset.load(name))
    ]
    np.testing.assert_allclose(result.iou, expected)
    assert result.dropped == 0
    assert set(result.score) == {1.0}


def test_one_call_a_frame_with_all_its_samples_and_the_frame_before(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path, videos=1)
    model = CopyLast()
    evaluate_motion([(dataset, model)], longest=24)
    samples = evaluation_list(dataset.load("video0"))
    frames = sorted({sample.frame for sample in samples})
    assert [scene.frame for _, scene in model.calls] == frames
    for tracklets, scene in model.calls:
        here = [sample for sample in samples if sample.frame == scene.frame]
        assert [tracklet.frames for tracklet in tracklets] == [sample.history for sample in here]
        assert all(tracklet.masks.shape == (len(tracklet.frames), 18, 24) for tracklet in tracklets)
        assert scene.previous is not None
        assert (scene.image == 20 * scene.frame).all() and (scene.previous == 20 * (scene.frame - 1)).all()


def test_a_truth_that_vanishes_on_the_grid_is_dropped_and_counted(tmp_path: Path) -> None:
    video = make_dataset(tmp_path, videos=1).load("video0")
    large, dot = (Track(n, 1, (rectangle(x, 4, w, w),) * 9) for n, x, w in ((0, 5, 12), (1, 31, 1)))
    video = video.__class__(**(video.__dict__ | {"tracks": (large, dot)}))
    dataset = Dataset("d", {1: "cat"}, ("video0",), lambda name: video)
    result = evaluate_motion([(dataset, CopyLast())], longest=12)
    assert result.dropped == 7
    assert set(result.track) == {0}
    assert len(result.iou) == 7


class Claims(CopyLast):
    """Predicts the first object's mask for every object, and is surer of it for the second."""

    def predict(self, tracklets, scene):  # type: ignore[no-untyped-def]
        first = super().predict(tracklets, scene)[0]
        return np.stack([first * np.float32(sureness) for sureness in (0.625, 0.875)])


def test_the_surer_prediction_is_matched_first_or_with_one_score_the_earlier_one(tmp_path: Path) -> None:
    video = make_dataset(tmp_path, videos=1).load("video0")
    tracks = tuple(Track(n, 1, (rectangle(x, 4, 12, 12),) * 9) for n, x in ((0, 5), (1, 25)))
    video = video.__class__(**(video.__dict__ | {"tracks": tracks}))
    result = evaluate_motion([(Dataset("d", {1: "cat"}, ("video0",), lambda name: video), Claims())], longest=48)
    assert result.track.tolist() == [0, 1] * 7 and result.score.tolist() == [0.625, 0.875] * 7
    assert result.hits.all(axis=1).tolist() == [False, True] * 7
    assert result.hits_constant.all(axis=1).tolist() == [True, False] * 7
    np.testing.assert_array_equal(result.hits.any(axis=1), result.hits.all(axis=1))


class Graded(CopyLast):
    """The last mask, surer on the right than on the left, and never quite sure of the background."""

    def predict(self, tracklets, scene):  # type: ignore[no-untyped-def]
        last = super().predict(tracklets, scene) > 0
        sureness = np.where(np.arange(last.shape[-1]) < 24, 0.625, 0.875)
        return np.where(last, sureness, 0.25).astype(np.float32)


def test_a_score_is_the_mean_probability_of_the_foreground(tmp_path: Path) -> None:
    video = make_dataset(tmp_path, videos=1).load("video0")
    video = video.__class__(**(video.__dict__ | {"tracks": (Track(0, 1, (rectangle(18, 4, 12, 12),) * 9),)}))
    result = evaluate_motion([(Dataset("d", {1: "cat"}, ("video0",), lambda name: video), Graded())], longest=48)
    assert set(result.score) == {0.75}


def test_a_dataset_without_samples_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(InstMoveError, match="made-up: no object has three visible masks"):
        evaluate_motion([(make_dataset(tmp_path, frames=2), CopyLast())], longest=48)


def test_a_prediction_of_another_size_is_refused(tmp_path: Path) -> None:
    class Wrong(CopyLast):
        def predict(self, tracklets, scene):  # type: ignore[no-untyped-def]
            return super().predict(tracklets, scene)[:, 1:]

    with pytest.raises(ValueError, match="predicted shape"):
        evaluate_motion([(make_dataset(tmp_path), Wrong())], longest=48)


def test_the_order_of_the_videos_does_not_matter(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path)
    turned = Dataset(dataset.name, dataset.categories, dataset.names[::-1], dataset.load)
    first, second = (evaluate_motion([(d, NoisyShift(0))], longest=48) for d in (dataset, turned))
    np.testing.assert_array_equal(first.hits, second.hits)
    assert first.videos == second.videos
    assert first.predictions == second.predictions


def test_folds_are_scored_by_their_own_models_and_joined(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path)
    parts = [
        Dataset("part", dataset.categories, names, dataset.load) for names in (dataset.names[2:], dataset.names[:2])
    ]
    models = CopyLast(), CopyLast()
    joined = evaluate_motion(list(zip(parts, models, strict=True)), longest=48)
    whole = evaluate_motion([(dataset, CopyLast())], longest=48)
    np.testing.assert_array_equal(joined.iou, whole.iou)
    np.testing.assert_array_equal(joined.hits, whole.hits)
    assert len(models[0].calls) + len(models[1].calls) == len(set(zip(whole.video, whole.frame, strict=True)))


def test_a_video_in_two_folds_is_an_error(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path)
    with pytest.raises(InstMoveError, match="video0 is in two folds"):
        evaluate_motion([(dataset, CopyLast()), (dataset, CopyLast())], longest=48)
