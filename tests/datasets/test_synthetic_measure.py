"""The statistics against closed forms: boxes and squares whose numbers can be worked out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instmove import masks
from instmove.datasets.synthetic.measure import box_occlusion_rate, measure_tracks, shift, summarise, table
from instmove.video import Track


def square(x, y, side=10, size=(60, 80)):
    mask = np.zeros(size, np.bool_)
    mask[y : y + side, x : x + side] = True
    return masks.encode(mask)


def test_box_occlusion_rate_of_two_and_three_boxes():
    assert box_occlusion_rate([(0, 0, 10, 10)], 60, 80) == 0
    assert box_occlusion_rate([(0, 0, 10, 10), (5, 0, 10, 10)], 60, 80) == pytest.approx(50 / 150)
    triple = [(0, 0, 10, 10), (5, 0, 10, 10), (5, 0, 10, 10)]  # a region in three boxes counts once
    assert box_occlusion_rate(triple, 60, 80) == pytest.approx(100 / 150)
    assert box_occlusion_rate([], 60, 80) is None


def test_a_square_in_uniform_motion():
    track = Track(1, 1, tuple(square(5 * t, 20) for t in range(12)))
    found = summarise([measure_tracks([track])])
    assert found["copy_1"] == pytest.approx(50 / 150, abs=1e-4)
    assert found["velocity_1"] == 1
    assert found["displacement_1"] == pytest.approx(0.5)
    assert found["displacement_5"] == pytest.approx(2.5)
    assert found["copy_5"] == 0
    assert found["velocity_5"] == 1
    assert found["hidden"] == found["returns"] == 0
    assert found["area"] == pytest.approx([100 / 4800] * 3, abs=1e-4)


def test_gaps_and_returns():
    hidden = Track(1, 1, (square(0, 0), None, None, square(0, 0)))
    late = Track(2, 1, (None, square(30, 30), square(30, 30), None))
    found = summarise([measure_tracks([hidden, late])])
    assert found["returns"] == 0.5
    assert found["hidden"] == pytest.approx(2 / 6, abs=1e-4)
    assert found["tracks"] == 2


def test_nothing_to_measure_is_none_not_zero():
    found = summarise([measure_tracks([Track(1, 1, (square(0, 0),))])])
    assert found["copy_1"] is None and found["velocity_5"] is None
    assert "-" in table({"one": found})


@settings(deadline=None)
@given(st.integers(-70, 70), st.integers(-90, 90))
def test_shift_is_numpys_roll_without_the_wrap(rows, columns):
    mask = np.random.default_rng(0).random((60, 80)) > 0.5
    wide = np.pad(mask, 100)
    expected = np.roll(wide, (rows, columns), axis=(0, 1))[100:160, 100:180]
    np.testing.assert_array_equal(shift(mask, rows, columns), expected)
