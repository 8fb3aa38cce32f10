"""Training samples of the hosts, on videos made in memory."""

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from PIL import Image

from baselines.training.frames import draw_window
from baselines.training.samples import HostSource, SampleSettings
from instmove.errors import InstMoveError
from instmove.masks import encode
from instmove.video import Dataset, Track, Video

HEIGHT, WIDTH = 32, 48
ONE = SampleSettings(frames=1, reach=0, ordered=False, sides=[32], longest=48, flip=0.0)
TWO = SampleSettings(frames=2, reach=2, ordered=False, sides=[32], longest=48, flip=0.5)


def block(x: int, y: int = 8) -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    mask[y : y + 8, x : x + 10] = True
    return mask


def video(folder: Path, name: str, frames: int, *tracks: Track) -> Video:
    """Frame t shows every object in white on grey level 10 t."""
    paths = []
    for t in range(frames):
        image = np.full((HEIGHT, WIDTH, 3), 10 * t, np.uint8)
        for track in tracks:
            mask = track.mask(t)
            if mask is not None:
                image[mask] = 255
        paths.append(folder / f"{name}{t}.png")
        cv2.imwrite(str(paths[-1]), image)
    return Video(1, name, HEIGHT, WIDTH, tuple(paths), tracks)


def dataset(name: str, categories: dict[int, str], *videos: Video) -> Dataset:
    named = {found.name: found for found in videos}
    return Dataset(name, categories, tuple(named), named.__getitem__)


@pytest.fixture
def datasets(tmp_path: Path) -> list[Dataset]:
    """Two benchmarks with other ids for the same things; "a" has an object that leaves and frames without any."""
    moving = Track(7, 2, tuple(encode(block(4 * t)) if t < 4 else None for t in range(6)))
    leaving = Track(9, 5, (encode(block(30, 20)), None, None, encode(block(30, 20)), None, None))
    crowd = Track(11, 2, tuple(encode(block(0, 0)) for _ in range(6)), ignored=True)
    first = dataset("first", {5: "Cat", 2: "Dog"}, video(tmp_path, "a", 6, moving, leaving, crowd))
    still = Track(1, 1, (encode(block(3)),))
    return [first, dataset("second", {1: "dog", 3: "emu"}, video(tmp_path, "b", 1, still))]


def test_classes_are_joined_by_name_and_objects_numbered_through(datasets: list[Dataset]) -> None:
    source = HostSource(datasets, ONE, seed=0)
    assert source.classes == ("dog", "cat", "emu")
    assert source.identities == 3
    found = {
        (int(number), int(label))
        for index in range(60)
        for sample in [source.sample(0, index)]
        for number, label in zip(sample["ids"], sample["labels"], strict=True)
    }
    assert found == {(1, 0), (2, 1), (3, 0)}


def test_every_frame_with_an_object_is_as_likely_a_key_and_no_other_is(datasets: list[Dataset]) -> None:
    source = HostSource(datasets, ONE, seed=0)
    grey = Counter(int(source.sample(0, index)["images"][0, 0, -1, -1]) for index in range(500))
    assert grey.keys() == {0, 10, 20, 30}
    assert all(grey[level] == pytest.approx(100, abs=40) for level in (10, 20, 30)), "two videos have a frame 0"
    assert grey[0] == pytest.approx(200, abs=50)


def test_by_video_every_video_is_as_likely_and_in_it_every_frame(datasets: list[Dataset]) -> None:
    source = HostSource(datasets, replace(ONE, by_video=True), seed=0)
    video_of = {1: "a", 2: "a", 3: "b"}
    samples = [source.sample(0, index) for index in range(500)]
    videos = Counter(video_of[int(sample["ids"][0])] for sample in samples)
    assert videos["a"] == pytest.approx(250, abs=45), "of four frames, and the other of one"
    grey = Counter(int(s["images"][0, 0, -1, -1]) for s in samples if video_of[int(s["ids"][0])] == "a")
    assert grey.keys() == {0, 10, 20, 30} and all(n == pytest.approx(62, abs=30) for n in grey.values())


@pytest.mark.parametrize("shortest", [7, 12, 16, 20, 45])
def test_masks_are_scaled_as_pillow_scales_them(shortest: int, tmp_path: Path) -> None:
    """By floored indices it would lie up to half a pixel beside its image, which is scaled about pixels' centres."""
    mask = np.random.default_rng(0).random((HEIGHT, WIDTH)) > 0.5
    shown = video(tmp_path, "v", 1, Track(1, 1, (encode(mask),)))
    sample = HostSource([dataset("d", {1: "ant"}, shown)], replace(ONE, sides=[shortest], longest=90), 0).sample(0, 0)
    height, width = (int(n) for n in sample["sizes"][0])
    expected = Image.fromarray(mask.astype(np.uint8)).resize((width, height), Image.Resampling.NEAREST)
    np.testing.assert_array_equal(sample["masks"][0, 0, :height, :width], np.asarray(expected) > 0)


def test_masks_boxes_and_mirroring_go_with_the_image(datasets: list[Dataset]) -> None:
    source = HostSource(datasets, replace(ONE, flip=0.5), seed=0)
    edges = set()
    for index in range(20):
        sample = source.sample(3, index)
        white = (sample["images"][0] == 255).all(0)
        assert torch.equal(sample["masks"][0].any(0), white & sample["masks"][0].any(0))
        for mask, box in zip(sample["masks"][0], sample["boxes"][0].int().tolist(), strict=True):
            rows, columns = torch.nonzero(mask.any(1)), torch.nonzero(mask.any(0))
            assert box == [int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1]
            edges.add(box[0])
    assert edges > {30, WIDTH - 40}, "the same object, as it is and mirrored"


def test_partners_are_near_and_ordered_where_the_setup_says_so(datasets: list[Dataset]) -> None:
    def pairs(wanted: SampleSettings) -> set[tuple[int, ...]]:
        source = HostSource(datasets[:1], wanted, seed=0)
        levels = (source.sample(0, index)["images"][:, 0, -1, -1] for index in range(200))
        return {tuple((level // 10).tolist()) for level in levels}

    free = pairs(TWO)
    assert free == {(s, t) for s in range(4) for t in range(4) if 0 < abs(s - t) <= 2}
    assert pairs(replace(TWO, ordered=True)) == {(s, t) for s, t in free if s < t}


def test_an_object_that_one_of_the_two_frames_lacks_is_not_visible_there(datasets: list[Dataset]) -> None:
    source = HostSource(datasets[:1], replace(TWO, flip=0.0), seed=0)
    for index in range(30):
        sample = source.sample(0, index)
        levels = (sample["images"][:, 0, -1, -1] // 10).tolist()
        expected = {1: [True, True], 2: [t in (0, 3) for t in levels]}
        found = dict(zip(sample["ids"].tolist(), sample["visible"].T.tolist(), strict=True))
        assert found == {number: seen for number, seen in expected.items() if any(seen)}
        assert torch.equal(sample["visible"], sample["masks"].flatten(2).any(2))


def test_a_video_of_one_frame_is_its_own_partner(datasets: list[Dataset]) -> None:
    sample = HostSource(datasets[1:], replace(TWO, flip=0.0), seed=0).sample(0, 0)
    assert torch.equal(sample["images"][0], sample["images"][1])


def test_a_batch_is_padded_and_a_pure_function_of_its_place(datasets: list[Dataset]) -> None:
    wanted = replace(TWO, sides=[40, 64], longest=90)
    source, again = HostSource(datasets, wanted, seed=5), HostSource(datasets, wanted, seed=5)
    heights, paddings = set(), 0
    for iteration in range(6):
        batch = source.collate([source.sample(iteration, index) for index in range(5)])
        for key, value in again.collate([again.sample(iteration, index) for index in range(5)]).items():
            assert torch.equal(value, batch[key])
        assert batch["iteration"].tolist() == [iteration] * 5
        side = batch["sizes"][0, 0, 0].item()
        heights.add(side)
        assert (batch["sizes"] == torch.tensor([side, side * 3 // 2])).all(), "one size for all of an iteration"
        assert batch["images"].dtype == torch.float32 and not {*batch["images"].shape[-2:]} - {64, 96}
        assert not batch["images"][..., side:, :].any() and not batch["masks"][..., side:, :].any()
        padding = batch["labels"] < 0
        paddings += int(padding.sum())
        assert torch.equal(padding, batch["ids"] == 0)
        assert not batch["visible"].transpose(1, 2)[padding].any()
        assert not batch["masks"].transpose(1, 2)[padding].any() and not batch["boxes"].transpose(1, 2)[padding].any()
    assert paddings
    assert heights == {40, 60}, "64 would make the long side 96, more than 90"
    other = HostSource(datasets, wanted, seed=6)
    assert not torch.equal(other.sample(0, 0)["images"], source.sample(0, 0)["images"])


def test_half_of_the_samples_are_cut_and_each_frame_for_itself(datasets: list[Dataset]) -> None:
    source = HostSource(datasets[:1], replace(TWO, crop=[16, 24], sides=[32], longest=100), seed=0)
    sizes = [source.sample(0, index)["sizes"] for index in range(200)]
    whole = sum(bool((size == torch.tensor([HEIGHT, WIDTH])).all()) for size in sizes)
    assert whole == pytest.approx(100, abs=30)
    assert any(not torch.equal(*size) for size in sizes)


@examples(max_examples=50, deadline=None)
@given(st.integers(8, 60), st.integers(8, 60), st.integers(4, 40), st.integers(0, 30), st.randoms())
def test_windows_lie_in_the_frame(height: int, width: int, smallest: int, more: int, generator: random.Random) -> None:
    for kept, side in zip(
        draw_window(generator, height, width, (smallest, smallest + more)), (height, width), strict=True
    ):
        assert 0 <= kept.start < kept.stop <= side
        assert min(side, smallest) <= kept.stop - kept.start <= smallest + more


def test_nothing_to_learn_from_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InstMoveError, match="empty: no frame has an object to learn"):
        HostSource([dataset("empty", {1: "dog"}, video(tmp_path, "c", 2))], ONE, seed=0)
    withheld = replace(video(tmp_path, "c", 2), tracks=None)
    with pytest.raises(InstMoveError, match=r"^c: its ground truth is withheld"):
        HostSource([dataset("withheld", {1: "dog"}, withheld)], ONE, seed=0)
