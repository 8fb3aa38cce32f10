"""Pseudo-labels: which pairs, and that what is read is what the teacher said."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from instmove.errors import InstMoveError
from instmove.flow.pseudo_labels import Pair, PseudoLabels, choose_pairs, write_pseudo_labels
from instmove.flow.raft import Raft, RaftSettings
from instmove.flow.warp import scale_image
from instmove.video import Dataset, Video

HEIGHT, WIDTH = 24, 40


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    videos = {}
    for number, (name, length) in enumerate({"b/two": 4, "a": 3, "one": 1}.items()):
        frames = tuple(tmp_path / f"{number}_{t}.png" for t in range(length))
        for t, frame in enumerate(frames):
            image = np.random.default_rng((number, t)).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
            cv2.imwrite(str(frame), image)
        videos[name] = Video(number, name, HEIGHT, WIDTH, frames, ())
    return Dataset("toy", {}, tuple(videos), videos.__getitem__)


class MeanDifference(Raft):
    """Says how much brighter image 1 is than image 2, so that the order of the frames shows."""

    def estimate(self, image1: Tensor, image2: Tensor, iterations: int) -> Tensor:
        vector = torch.stack([image1.mean() - image2.mean(), torch.tensor(float(iterations))])
        return vector.view(1, 2, 1, 1).expand(1, 2, *image1.shape[-2:])


def teacher() -> Raft:
    return MeanDifference(RaftSettings(width=0.03, levels=1))


def test_all_pairs_in_order_whatever_the_order_of_the_videos(dataset: Dataset) -> None:
    videos = list(dataset)
    expected = [Pair("a", 1), Pair("a", 2), Pair("b/two", 1), Pair("b/two", 2), Pair("b/two", 3)]
    assert choose_pairs(videos, None, 0) == expected
    assert choose_pairs(videos[::-1], 99, 0) == expected
    some = choose_pairs(videos, 3, 5)
    assert some == choose_pairs(videos[::-1], 3, 5)
    assert len(set(some)) == 3
    assert set(some) <= set(expected)
    assert len({tuple(choose_pairs(videos, 3, seed)) for seed in range(20)}) > 1


def test_names_round_trip() -> None:
    assert Pair.parse(Pair("b/two", 3).name) == Pair("b/two", 3)


def test_round_trip(dataset: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "labels.npz"
    write_pseudo_labels(path, teacher(), dataset, None, 0, WIDTH // 2, 24)
    labels = PseudoLabels(path, dataset)
    assert len(labels) == 5
    for index, pair in enumerate(labels.pairs):
        video, sample = dataset.load(pair.video), labels[index]
        now, before = (scale_image(video.image(t), WIDTH // 2) for t in (pair.frame, pair.frame - 1))
        assert np.array_equal(sample.image1, now)
        assert np.array_equal(sample.image2, before)
        assert sample.flow.shape == (HEIGHT // 2, WIDTH // 2, 2)
        # padding repeats border pixels, so the teacher's means are those of the padded frames
        pad = ((2, 2), (2, 2), (0, 0))
        difference = np.pad(now, pad, "edge").mean() - np.pad(before, pad, "edge").mean()
        assert np.allclose(sample.flow, (difference, 24), atol=2e-2)
        assert sample.valid.all()


def test_same_bytes_again(dataset: Dataset, tmp_path: Path) -> None:
    for name in ("one.npz", "two.npz"):
        write_pseudo_labels(tmp_path / name, teacher(), dataset, 3, 1, WIDTH, 2)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_nothing_half_written(dataset: Dataset, tmp_path: Path) -> None:
    dataset.load("b/two").frames[2].write_bytes(b"broken")
    path = tmp_path / "out" / "labels.npz"
    with pytest.raises(InstMoveError, match="cannot be decoded"):
        write_pseudo_labels(path, teacher(), dataset, None, 0, WIDTH, 2)
    assert list(path.parent.iterdir()) == []


def test_bad_input_is_named(dataset: Dataset, tmp_path: Path) -> None:
    still = Dataset("still", {}, ("one",), dataset.load)
    with pytest.raises(InstMoveError, match="'still': no video has two frames"):
        write_pseudo_labels(tmp_path / "labels.npz", teacher(), still, None, 0, WIDTH, 2)
    with pytest.raises(InstMoveError, match="not found"):
        PseudoLabels(tmp_path / "absent.npz", dataset)
    (tmp_path / "text.npz").write_text("text")
    with pytest.raises(InstMoveError, match=r"text\.npz: not an \.npz file"):
        PseudoLabels(tmp_path / "text.npz", dataset)
    np.savez(tmp_path / "other.npz", flow=np.zeros(3))
    with pytest.raises(InstMoveError, match="format None"):
        PseudoLabels(tmp_path / "other.npz", dataset)
    write_pseudo_labels(tmp_path / "labels.npz", teacher(), dataset, None, 0, WIDTH, 2)
    with pytest.raises(InstMoveError, match=r"videos \['a', 'b/two'\] are not in split 'still'"):
        PseudoLabels(tmp_path / "labels.npz", still)
