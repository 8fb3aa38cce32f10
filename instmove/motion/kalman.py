"""The Kalman filter that the paper compares with (Sec. 4.7): SORT's, on the boxes of the masks.

SORT's noise is in pixels; here these are pixels of the grid of the masks.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from instmove.masks import BoolArray, box_of_mask
from instmove.motion.base import MotionModel, Scene, Tracklet
from instmove.motion.shift import shift_mask

Vector = NDArray[np.float64]
Matrix = NDArray[np.floating]

# State: centre x, y, area s, aspect ratio r (constant), and the velocities of x, y, s.
# All constants: abewley/sort@03aa1e3 sort.py:104-112.
TRANSITION = np.eye(7) + np.eye(7, k=4) * [0, 0, 0, 0, 1, 1, 1]
OBSERVATION = np.eye(4, 7)
INITIAL_COVARIANCE = np.diag([10.0, 10, 10, 10, 10000, 10000, 10000])
PROCESS_NOISE = np.diag([1.0, 1, 1, 1, 0.01, 0.01, 0.0001])
OBSERVATION_NOISE = np.diag([1.0, 1, 10, 10])


@lru_cache(maxsize=1024)
def gains(waits: tuple[int, ...]) -> tuple[Matrix, ...]:
    """Kalman gains (7, 4) of observations that come so many frames one after the other.

    They do not depend on what is observed, so tracklets with equal gaps share them. The covariance is updated in
    Joseph's form, as filterpy does.
    """
    covariance, found = INITIAL_COVARIANCE, list[Matrix]()
    for wait in waits:
        for _ in range(wait):
            covariance = TRANSITION @ covariance @ TRANSITION.T + PROCESS_NOISE
        innovation = OBSERVATION @ covariance @ OBSERVATION.T + OBSERVATION_NOISE
        gain: Matrix = np.linalg.solve(innovation, OBSERVATION @ covariance).T
        rest = np.eye(7) - gain @ OBSERVATION
        covariance = rest @ covariance @ rest.T + gain @ OBSERVATION_NOISE @ gain.T
        found.append(gain)
    return tuple(found)


def advance(state: Vector, frames: int) -> Vector:
    """The state (7,) so many frames on; an area that would become negative stops shrinking (sort.py:142-144)."""
    for _ in range(frames):
        state = state.copy()
        if state[6] + state[2] <= 0:
            state[6] = 0.0
        state = TRANSITION @ state
    return state


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
    frames, boxes, masks = zip(*seen, strict=True)
    waits = tuple(after - before for before, after in itertools.pairwise(frames))
    state = np.concatenate((boxes[0], np.zeros(3)))  # at rest
    for wait, gain, box in zip(waits, gains(waits), boxes[1:], strict=True):
        state = advance(state, wait)
        state = state + gain @ (box - OBSERVATION @ state)
    return Expectation(boxes[-1], masks[-1], advance(state, frame - frames[-1])[:2])


class Kalman(MotionModel):
    """The last mask, moved so that its box has the predicted centre; scores come from the distance of centres."""

    images = 0

    def predict(self, tracklets: Sequence[Tracklet], scene: Scene) -> NDArray[np.float32]:
        """The last masks (K, h, w), moved; empty where a tracklet has only empty masks."""
        return np.stack([_moved(tracklet, scene.frame) for tracklet in tracklets])

    def score(self, tracklets: Sequence[Tracklet], scene: Scene, candidates: BoolArray) -> NDArray[np.float64]:
        """exp(-distance of centres / square root of the area of the last box); 0 where a mask is empty."""
        scores = np.zeros((len(tracklets), len(candidates)))
        expected = [(k, found) for k, track in enumerate(tracklets) if (found := expect(track, scene.frame))]
        observed = [(n, box) for n, mask in enumerate(candidates) if (box := observe(mask)) is not None]
        if expected and observed:
            centres = np.stack([found.centre for _, found in expected])
            sizes = np.sqrt([found.last[2] for _, found in expected])
            distances = np.linalg.norm(np.stack([box[:2] for _, box in observed]) - centres[:, None], axis=-1)
            scores[np.ix_([k for k, _ in expected], [n for n, _ in observed])] = np.exp(-distances / sizes[:, None])
        return scores


def _moved(tracklet: Tracklet, frame: int) -> NDArray[np.float32]:
    expected = expect(tracklet, frame)
    if expected is None:
        return tracklet.masks[-1].astype(np.float32)
    dx, dy = expected.centre - expected.last[:2]
    return shift_mask(expected.mask, dy, dx)
