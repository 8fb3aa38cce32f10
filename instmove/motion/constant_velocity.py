"""The motion model of Newton's first law: the last mask, moved on by the velocity of its centroid."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from instmove.masks import BoolArray
from instmove.motion.base import MotionModel, Scene, Tracklet
from instmove.motion.shift import shift_mask


class ConstantVelocity(MotionModel):
    """The velocity is that between the last two masks that are not empty, over the frames between them."""

    images = 0

    def predict(self, tracklets: Sequence[Tracklet], scene: Scene) -> NDArray[np.float32]:
        """The last masks (K, h, w), moved; a tracklet with one mask that is not empty stays."""
        return np.stack([_move_on(tracklet, scene.frame) for tracklet in tracklets])


def _centroid(mask: BoolArray) -> NDArray[np.float64]:
    return np.argwhere(mask).mean(axis=0)


def _move_on(tracklet: Tracklet, frame: int) -> NDArray[np.float32]:
    seen = [(t, mask) for t, mask in zip(tracklet.frames, tracklet.masks, strict=True) if mask.any()][-2:]
    if len(seen) < 2:
        return tracklet.masks[-1].astype(np.float32)
    (before, earlier), (last, later) = seen
    velocity = (_centroid(later) - _centroid(earlier)) / (last - before)
    dy, dx = velocity * (frame - last)
    return shift_mask(later, dy, dx)
