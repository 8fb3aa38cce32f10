"""copy, constant velocity and the registry."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instmove.errors import InstMoveError
from instmove.motion.base import Scene, Tracklet
from instmove.motion.constant_velocity import ConstantVelocity
from instmove.motion.copy_last import CopyLast
from instmove.motion.registry import BUILDERS, build_motion
from instmove.motion.shift import shift_mask

SIZE = (24, 40)


def rectangle(top: int, left: int, height: int = 4, width: int = 6) -> np.ndarray:
    mask = np.zeros(SIZE, dtype=bool)
    mask[max(0, top) : max(0, top + height), max(0, left) : max(0, left + width)] = True
    return mask


def tracklet(*positions: tuple[int, int], frames: tuple[int, ...] | None = None) -> Tracklet:
    return Tracklet(np.stack([rectangle(*p) for p in positions]), frames or tuple(range(len(positions))))


def scene(frame: int) -> Scene:
    return Scene(frame, np.zeros((*SIZE, 3), dtype=np.uint8))


def test_copy_is_the_last_mask() -> None:
    prediction = CopyLast().predict([tracklet((1, 2), (5, 9))], scene(2))
    assert prediction.dtype == np.float32
    np.testing.assert_array_equal(prediction[0], rectangle(5, 9))


@given(
    start=st.tuples(st.integers(6, 10), st.integers(8, 16)),
    velocity=st.tuples(st.integers(-2, 2), st.integers(-3, 3)),
    gap=st.integers(1, 2),
    ahead=st.integers(1, 2),
)
@settings(max_examples=40, deadline=None)
def test_constant_velocity_over_gaps(start: tuple[int, int], velocity: tuple[int, int], gap: int, ahead: int) -> None:
    """The true position at any frame, when it does move at a constant velocity."""
    at = [(start[0] + velocity[0] * t, start[1] + velocity[1] * t) for t in (0, gap, gap + ahead)]
    prediction = ConstantVelocity().predict([tracklet(*at[:2], frames=(3, 3 + gap))], scene(3 + gap + ahead))
    np.testing.assert_allclose(prediction[0], rectangle(*at[2]), atol=1e-6)


def test_constant_velocity_uses_the_last_two_masks_that_are_not_empty() -> None:
    masks = np.stack([rectangle(4, 4), rectangle(4, 7), np.zeros(SIZE, dtype=bool)])
    prediction = ConstantVelocity().predict([Tracklet(masks, (0, 1, 2))], scene(3))
    np.testing.assert_allclose(prediction[0], rectangle(4, 13), atol=1e-6)


def test_constant_velocity_of_one_mask_stays() -> None:
    prediction = ConstantVelocity().predict([tracklet((4, 4))], scene(5))
    np.testing.assert_array_equal(prediction[0], rectangle(4, 4))


def test_half_a_pixel_is_half_a_probability() -> None:
    """Mean of the two neighbours along x, exactly."""
    mask = rectangle(4, 4).astype(np.float32)
    expected = (mask + np.roll(mask, 1, axis=1)) / 2
    np.testing.assert_allclose(shift_mask(rectangle(4, 4), 0, 0.5), expected, atol=1e-6)


def test_what_leaves_the_frame_is_lost() -> None:
    moved = shift_mask(rectangle(0, 0), -2.5, 0)
    assert moved.sum() == pytest.approx(1.5 * 6)
    assert shift_mask(rectangle(0, 0), -100, 0).sum() == 0


def test_every_name_is_found() -> None:
    for kind in ("copy", "constant_velocity", "kalman"):
        prediction = build_motion(kind).predict([tracklet((4, 4), (5, 5))], scene(2))
        assert prediction.shape == (1, *SIZE)
    assert {"raft", "instmove"} < set(BUILDERS)
    with pytest.raises(InstMoveError, match="'kalmann' does not exist; there are copy"):
        build_motion("kalmann")


@pytest.mark.parametrize("kind", ["copy", "constant_velocity", "kalman"])
def test_models_of_masks_alone_have_no_image_read(kind: str) -> None:
    def unwanted(frame: int) -> np.ndarray:
        raise AssertionError(f"the image of frame {frame} was read")

    assert build_motion(kind).scene(3, unwanted) == Scene(3, None, None)


def test_score_is_mask_iou() -> None:
    model, past = CopyLast(), [tracklet((4, 4), (4, 4))]
    candidates = np.stack([rectangle(4, 4), rectangle(4, 7), np.zeros(SIZE, dtype=bool)])
    score = model.score(past, scene(2), candidates)
    np.testing.assert_allclose(score, [[1, 1 / 3, 0]])
