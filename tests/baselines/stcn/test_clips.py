"""What STCN is trained on."""

import random

import numpy as np
import pytest
import torch
from made_up import make_dataset

from baselines.stcn.clips import ClipSource, Reach, StillSource, Weighted, Windows, draw_frames, painted
from baselines.stcn.views import Affine, Colours, Picture, bent, draw_window, grey, moved, recoloured, resized
from instmove.errors import InstMoveError
from instmove.video import Dataset

WINDOWS = Windows(32, (0.36, 1.0))


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return make_dataset(tmp_path_factory.mktemp("clips"))


def source(dataset: Dataset, seed: int = 0) -> ClipSource:
    return ClipSource([Weighted(dataset, 2, 1)], WINDOWS, Reach([2, 4], [0.5]), seed, 10)


def test_a_sample_is_a_function_of_where_it_stands(dataset: Dataset) -> None:
    first, again, other = (source(dataset, seed).sample(3, 1) for seed in (0, 0, 1))
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert not torch.equal(first["images"], other["images"])
    assert first["images"].shape == (3, 3, 32, 32) and first["labels"].shape == (3, 32, 32)
    assert set(first["labels"].unique().tolist()) <= {0, 1, 2}


def test_videos_count_as_often_as_they_are_repeated(dataset: Dataset) -> None:
    assert len(source(dataset).videos) == 2 * len(dataset)


def test_an_absent_second_object_is_said_to_be(dataset: Dataset) -> None:
    samples = [source(dataset).sample(0, index) for index in range(20)]
    for sample in samples:
        assert sample["present"][0] and (sample["present"][1] or not (sample["labels"] == 2).any())


def test_frames_are_in_reach_forwards_and_backwards() -> None:
    generator = random.Random(0)
    drawn = [draw_frames(30, 5, generator) for _ in range(500)]
    assert all(0 <= t < 30 for times in drawn for t in times)
    steps = np.diff(np.array(drawn), axis=1)
    assert (np.abs(steps) <= 6).all() and (steps > 0).any() and (steps < 0).any()


def test_the_reach_changes_with_progress() -> None:
    reach = Reach([5, 10, 15, 20, 25, 5], [0.1, 0.2, 0.3, 0.4, 0.9])
    assert [reach.at(x) for x in (0, 0.1, 0.25, 0.35, 0.5, 0.95)] == [5, 10, 15, 20, 25, 5]


def test_views_of_a_picture_show_its_object(dataset: Dataset) -> None:
    stills = StillSource([dataset], WINDOWS, 0)
    sample = stills.sample(0, 0)
    assert sample["labels"].shape == (3, 32, 32) and sample["labels"].max() == 1
    assert sample["present"].tolist() == [True]
    assert all(torch.equal(sample[key], stills.sample(0, 0)[key]) for key in sample)


def test_nothing_to_learn_from_is_an_error(dataset: Dataset) -> None:
    empty = Dataset("empty", {}, (), dataset.load)
    with pytest.raises(InstMoveError, match="no training video has three frames"):
        source(empty)
    with pytest.raises(InstMoveError, match="no picture has an object"):
        StillSource([empty], WINDOWS, 0)


def checker() -> Picture:
    generator = np.random.default_rng(0)
    labels = np.zeros((24, 36), dtype=np.uint8)
    labels[8:16, 12:20] = 1
    return Picture(generator.integers(0, 255, (24, 36, 3), dtype=np.uint8), labels)


def test_no_reach_changes_nothing() -> None:
    picture = checker()
    still = moved(picture, Affine().draw(random.Random(0)))
    assert np.array_equal(still.image, picture.image) and np.array_equal(still.labels, picture.labels)
    same = recoloured(picture, Colours(0, 0, 0).draw(random.Random(0)))
    assert np.abs(same.image.astype(int) - picture.image).max() <= 1


def test_a_turn_by_180_degrees_is_a_double_flip() -> None:
    picture = checker()
    turned = moved(picture, -np.eye(2))
    assert np.array_equal(turned.labels, picture.labels[::-1, ::-1])
    assert np.array_equal(turned.image, picture.image[::-1, ::-1])


def test_grey_has_no_colour_and_bending_keeps_the_object_near() -> None:
    picture = checker()
    shown = grey(picture).image
    assert np.array_equal(shown[..., 0], shown[..., 1]) and np.array_equal(shown[..., 1], shown[..., 2])
    warped = bent(picture, random.Random(0)).labels
    assert abs(int(warped.sum()) - 64) < 40


def test_labels_are_scaled_about_pixels_centres() -> None:
    labels = np.arange(144, dtype=np.uint8).reshape(12, 12)
    small = resized(Picture(np.zeros((12, 12, 3), dtype=np.uint8), labels), 4, 4)
    np.testing.assert_array_equal(small.labels, labels[1::3, 1::3])


def test_frames_of_a_clip_turn_about_the_middle_of_what_is_seen(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The authors turn the crop (vos_dataset.py, __getitem__): turned before, it would show another place each time."""
    seen: list[tuple[int, int]] = []

    def watched(picture: Picture, matrix: np.ndarray) -> Picture:
        seen.append(picture.size)
        return moved(picture, matrix)

    monkeypatch.setattr("baselines.stcn.clips.moved", watched)
    source(dataset).sample(0, 0)
    assert seen and set(seen) == {(32, 32)}


def test_windows_have_the_asked_area() -> None:
    generator = random.Random(0)
    for _ in range(50):
        rows, columns = draw_window((96, 160), (0.36, 1.0), generator)
        height, width = rows.stop - rows.start, columns.stop - columns.start
        assert rows.stop <= 96 and columns.stop <= 160
        assert height * width >= 0.3 * 96 * 160 or height == width == 96


def test_later_objects_lie_above(dataset: Dataset) -> None:
    video = next(iter(dataset))
    assert video.tracks is not None
    labels = painted(video.tracks[:2], 0, video)
    second = video.tracks[1].mask(0)
    assert second is None or (labels[second] == 2).all()
