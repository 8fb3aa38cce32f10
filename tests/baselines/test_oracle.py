"""Motion and association that know the truth, on videos whose truth is written down here."""

from pathlib import Path

import numpy as np
import pytest
from made_up import HEIGHT, WIDTH

from baselines.interface import Instances
from baselines.oracle import OracleMotion, _assigned, true_ids
from instmove import masks
from instmove.errors import InstMoveError
from instmove.masks import BoolArray
from instmove.motion.base import Scene, Tracklet
from instmove.video import Track, Video

GRID = (HEIGHT // 2, WIDTH // 2)


def full(x: int, y: int) -> BoolArray:
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    mask[y : y + 8, x : x + 8] = True
    return mask


def small(x: int, y: int) -> BoolArray:
    return full(x, y)[::2, ::2]


def video(tracks: tuple[Track, ...] | None) -> Video:
    return Video(1, "clip", HEIGHT, WIDTH, (Path("0.jpg"), Path("1.jpg"), Path("2.jpg")), tracks)


def track(number: int, *corners: tuple[int, int] | None, ignored: bool = False) -> Track:
    return Track(number, 1, tuple(None if c is None else masks.encode(full(*c)) for c in corners), ignored)


TRUTH = video((track(5, (2, 2), (10, 2), (20, 2)), track(6, (2, 20), None, (2, 24))))


def tracklet(*positions: tuple[int, int], frames: tuple[int, ...]) -> Tracklet:
    return Tracklet(np.stack([small(*position) for position in positions]), frames)


def test_motion_is_the_true_mask_of_the_object_held_last() -> None:
    model = OracleMotion(TRUTH)
    switched = tracklet((2, 20), (12, 2), frames=(0, 1))
    old = tracklet((2, 20), frames=(0,))
    nowhere = tracklet((2, 2), (2, 20), frames=(0, 1))
    predicted = model.predict([switched, old, nowhere], Scene(2))
    np.testing.assert_array_equal(predicted, [small(20, 2), small(2, 24), np.zeros(GRID)])
    assert predicted.dtype == np.float32
    assert not model.predict([old], Scene(1)).any(), "out of sight"


def test_half_an_object_is_enough() -> None:
    model = OracleMotion(TRUTH)
    half, less = np.zeros((2, 1, *GRID), dtype=bool)
    half[0], less[0] = small(2, 2), small(2, 2)
    half[0, :3], less[0, :4] = False, False
    assert (half.sum(), less.sum()) == (8, 4)
    assert model.predict([Tracklet(half, (0,))], Scene(1))[0].any()
    assert not model.predict([Tracklet(less, (0,))], Scene(1))[0].any()


def instances(*corners: tuple[int, int]) -> Instances:
    none = np.zeros((len(corners), 0), dtype=np.float32)
    unused = np.zeros((len(corners), 1, 1), dtype=bool)
    return Instances(none, none, none, unused, tuple(masks.encode(full(*corner)) for corner in corners))


def test_identities_of_the_best_overlap() -> None:
    frames = [instances((4, 2), (2, 2), (2, 20), (30, 20)), instances(), instances((2, 24), (2, 2))]
    assert [row.tolist() for row in true_ids(TRUTH, frames)] == [[-1, 0, 1, -1], [], [1, -1]]


def test_a_poor_mask_is_its_objects_all_the_same() -> None:
    assert true_ids(TRUTH, [instances((7, 2), (2, 27))])[0].tolist() == [0, -1], "IoU 3/13 and 1/15"
    assert true_ids(TRUTH, [instances((7, 2), (2, 27))], least=0.5)[0].tolist() == [-1, -1]


def test_one_instance_an_object_even_if_another_is_nearly_as_good() -> None:
    near = video((track(1, (2, 2)), track(2, (4, 2))))
    assert sorted(true_ids(near, [instances((4, 2), (4, 2), (2, 2))])[0].tolist()) == [-1, 0, 1]


def test_an_overlap_below_the_least_takes_no_object_away() -> None:
    overlap = np.array([[0.5, 0.49], [0.49, 0.0]])
    assert _assigned(overlap, 0.5).tolist() == [0, -1], "the sum of all overlaps is highest the other way"


def test_crowds_are_no_objects() -> None:
    crowd = video((track(1, (2, 2), ignored=True),))
    assert true_ids(crowd, [instances((2, 2))])[0].tolist() == [-1]
    assert not OracleMotion(crowd).predict([tracklet((2, 2), frames=(0,))], Scene(0)).any()


def test_withheld_truth() -> None:
    with pytest.raises(InstMoveError, match="clip: its ground truth is withheld"):
        OracleMotion(video(None))
    with pytest.raises(InstMoveError, match="clip: its ground truth is withheld"):
        true_ids(video(None), [])
