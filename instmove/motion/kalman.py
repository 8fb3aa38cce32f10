"""The Kalman filter that the paper compares with (Sec. 4.7): SORT's, on the boxes of the masks.

SORT's noise is in pixels; here these are pixels of the grid of the masks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instmove.masks import BoolArray, box_of_mask
from instmove.motion.base import MotionModel, Scene, Tracklet
from instmove.motion.shift import shift_mask

Vector = NDArray[np.float64]

# State: centre x, y, area s, aspect ratio r (constant), and the velocities of x, y, s.
# All constants: abewley/sort@03aa1e3 sort.py:104-112.
TRANSITION = np.eye(7) + np.eye(7, k=4) * [0, 0, 0, 0, 1, 1, 1]
OBSERVATION = np.eye(4, 7)
INITIAL_COVARIANCE = np.diag([10.0, 10, 10, 10, 10000, 10000, 10000])
PROCESS_NOISE = np.diag([1.0, 1, 1, 1, 0.01, 0.01, 0.0001])
OBSERVATION_NOISE = np.diag([1.0, 1, 10, 10])


@dataclass(frozen=True)
class BoxFilter:
    """State (7,) and covariance (7, 7) of one box."""

    state: Vector
    covariance: NDArray[np.float64]

    @classmethod
    def start(cls, observed: Vector) -> "BoxFilter":
        """At rest at the observation (4,) of :func:`observe`."""
        return cls(np.concatenate((observed, np.zeros(3))), INITIAL_COVARIANCE)

    def predict(self) -> "BoxFilter":
        """One frame on; an area that would become negative stops shrinking (sort.py:142-144)."""
        state = self.state.copy()
        if state[6] + state[2] <= 0:
            state[6] = 0.0
        return BoxFilter(TRANSITION @ state, TRANSITION @ self.covariance @ TRANSITION.T + PROCESS_NOISE)

    def update(self, observed: Vector) -> "BoxFilter":
        """Take in an observation (4,); the covariance in Joseph's form, as filterpy does."""
        innovation = OBSERVATION @ self.covariance @ OBSERVATION.T + OBSERVATION_NOISE
        gain = np.linalg.solve(innovation, OBSERVATION @ self.covariance).T
        rest = np.eye(7) - gain @ OBSERVATION
        covariance = rest @ self.covariance @ rest.T + gain @ OBSERVATION_NOISE @ gain.T
        return BoxFilter(self.state + gain @ (observed - OBSERVATION @ self.state), covariance)


def observe(mask: BoolArray) -> Vector | None:
    """Centre x, y, area and aspect ratio of a mask's box (sort.py:65-77), in pixels; None for an empty mask."""
    box = box_of_mask(mask)
    if box is None:
        return None
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    return np.array([x0 + width / 2, y0 + height / 2, width * height, width / height])


@dataclass(frozen=True)
class Expectation:
    """Where a box was seen last, (4,) of :func:`observe`, the mask of it, and its predicted centre x, y (2,)."""

    last: Vector
    mask: BoolArray
    centre: Vector


def expect(tracklet: Tracklet, frame: int) -> Expectation | None:
    """Filter the boxes of the masks that are not empty and predict up to ``frame``; None if all are empty."""
    observed = [(t, observe(mask), mask) for t, mask in zip(tracklet.frames, tracklet.masks, strict=True)]
    seen = [(t, box, mask) for t, box, mask in observed if box is not None]
    if not seen:
        return None
    now, box, _ = seen[0]
    kalman = BoxFilter.start(box)
    for t, box, _ in seen[1:]:
        kalman, now = _wait(kalman, t - now).update(box), t
    return Expectation(seen[-1][1], seen[-1][2], _wait(kalman, frame - now).state[:2])


def _wait(kalman: BoxFilter, frames: int) -> BoxFilter:
    for _ in range(frames):
        kalman = kalman.predict()
    return kalman


class Kalman(MotionModel):
    """The last mask, moved so that its box has the predicted centre; scores come from the distance of centres."""

    images = 0

    def predict(self, tracklets: Sequence[Tracklet], scene: Scene) -> NDArray[np.float32]:
        """The last masks (K, h, w), moved; empty where a tracklet has only empty masks."""
        return np.stack([_moved(tracklet, scene.frame) for tracklet in tracklets])

    def score(
        self, tracklets: Sequence[Tracklet], scene: Scene, prediction: NDArray[np.float32], candidates: BoolArray
    ) -> NDArray[np.float64]:
        """exp(-distance of centres / square root of the area of the last box); 0 where a mask is empty."""
        expected = [expect(tracklet, scene.frame) for tracklet in tracklets]
        observed = [observe(candidate) for candidate in candidates]
        scores = np.zeros((len(tracklets), len(candidates)))
        for k, expectation in enumerate(expected):
            for n, candidate in enumerate(observed):
                if expectation is not None and candidate is not None:
                    distance = np.linalg.norm(candidate[:2] - expectation.centre)
                    scores[k, n] = np.exp(-distance / np.sqrt(expectation.last[2]))
        return scores


def _moved(tracklet: Tracklet, frame: int) -> NDArray[np.float32]:
    expected = expect(tracklet, frame)
    if expected is None:
        return tracklet.masks[-1].astype(np.float32)
    dx, dy = expected.centre - expected.last[:2]
    return shift_mask(expected.mask, dy, dx)
