import numpy as np
import pytest

from instmove.motion.base import Scene, Tracklet
from instmove.motion.kalman import (
    INITIAL_COVARIANCE,
    OBSERVATION,
    OBSERVATION_NOISE,
    PROCESS_NOISE,
    TRANSITION,
    Kalman,
    advance,
    expect,
    observe,
)

SIZE = (60, 90)


def rectangle(x: int, y: int, width: int = 12, height: int = 8) -> np.ndarray:
    mask = np.zeros(SIZE, dtype=bool)
    mask[y : y + height, x : x + width] = True
    return mask


def moving(frames: tuple[int, ...], vx: int = 4, vy: int = 2) -> Tracklet:
    return Tracklet(np.stack([rectangle(5 + vx * t, 6 + vy * t) for t in frames]), frames)


def scene(frame: int) -> Scene:
    return Scene(frame, np.zeros((*SIZE, 3), dtype=np.uint8))


def least_squares_state(observations: dict[int, np.ndarray], frame: int) -> np.ndarray:
    """The same estimate in one batch: the most likely states of all frames given all observations."""
    steps = range(min(observations), frame + 1)
    size = 7 * len(steps)
    information, right = np.zeros((size, size)), np.zeros(size)

    first = np.concatenate((observations[steps[0]], np.zeros(3)))
    information[:7, :7] += np.linalg.inv(INITIAL_COVARIANCE)
    right[:7] += np.linalg.inv(INITIAL_COVARIANCE) @ first
    for i, t in enumerate(steps):
        here = slice(7 * i, 7 * i + 7)
        if i > 0:
            step = np.zeros((7, size))
            step[:, 7 * i - 7 : 7 * i], step[:, here] = -TRANSITION, np.eye(7)
            information += step.T @ np.linalg.inv(PROCESS_NOISE) @ step
            if t in observations:  # the first one is in the prior already
                information[here, here] += OBSERVATION.T @ np.linalg.inv(OBSERVATION_NOISE) @ OBSERVATION
                right[here] += OBSERVATION.T @ np.linalg.inv(OBSERVATION_NOISE) @ observations[t]
    return np.linalg.solve(information, right)[-7:]


def test_equals_the_batch_estimate_over_gaps() -> None:
    track = moving((0, 1, 3, 4))
    boxes = {t: observe(mask) for t, mask in zip(track.frames, track.masks, strict=True)}
    expected = expect(track, 6)
    assert expected is not None
    np.testing.assert_allclose(expected.centre, least_squares_state(boxes, 6)[:2], atol=1e-6)


def test_sort_constants() -> None:
    """What sort.py:104-112 leaves in filterpy's matrices of ones."""
    r, p, q = np.eye(4), np.eye(7), np.eye(7)
    r[2:, 2:] *= 10
    p[4:, 4:] *= 1000
    p *= 10
    q[-1, -1] *= 0.01
    q[4:, 4:] *= 0.01
    for mine, theirs in ((OBSERVATION_NOISE, r), (INITIAL_COVARIANCE, p), (PROCESS_NOISE, q)):
        np.testing.assert_allclose(mine, theirs)
    np.testing.assert_array_equal(TRANSITION @ [1, 2, 3, 4, 10, 20, 30], [11, 22, 33, 4, 10, 20, 30])


def test_a_long_track_is_extrapolated() -> None:
    expected = expect(moving(tuple(range(12))), 12)
    assert expected is not None
    np.testing.assert_allclose(expected.centre, [5 + 4 * 12 + 6, 6 + 2 * 12 + 4], atol=0.2)


def test_a_shrinking_area_stops_at_zero() -> None:
    kept = advance(np.array([0, 0, 2.0, 1, 0, 0, -3]), 1)
    assert kept[2] == 2 and kept[6] == 0


def test_prediction_is_the_last_mask_at_the_predicted_centre() -> None:
    track = moving((0, 1, 2, 3))
    expected = expect(track, 4)
    assert expected is not None
    prediction = Kalman().predict([track], scene(4))[0]
    y, x = np.indices(SIZE)
    centroid = [(prediction * (axis + 0.5)).sum() / prediction.sum() for axis in (x, y)]
    np.testing.assert_allclose(centroid, expected.centre, atol=1e-4)
    assert prediction.sum() == pytest.approx(12 * 8, rel=1e-5)


def test_score_falls_with_distance_in_units_of_size() -> None:
    track = moving((0, 1, 2, 3), vx=0, vy=0)
    candidates = np.stack([rectangle(5, 6), rectangle(5 + 10, 6), np.zeros(SIZE, dtype=bool)])
    score = Kalman().score([track], scene(4), candidates)
    np.testing.assert_allclose(score, [[1, np.exp(-10 / np.sqrt(12 * 8)), 0]], atol=1e-6)


def test_empty_masks_are_passed_over() -> None:
    track = moving((0, 1, 2, 3))
    gappy = Tracklet(np.concatenate((track.masks, np.zeros((1, *SIZE), dtype=bool))), (0, 1, 2, 3, 4))
    np.testing.assert_array_equal(Kalman().predict([gappy], scene(5)), Kalman().predict([track], scene(5)))
    nothing = Tracklet(np.zeros((2, *SIZE), dtype=bool), (0, 1))
    assert not Kalman().predict([nothing], scene(2)).any()
    score = Kalman().score([nothing, track], scene(4), track.masks)
    assert not score[0].any() and score[1].all()
