"""The motion model that expects nothing to move."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from instmove.motion.base import MotionModel, Scene, Tracklet


class CopyLast(MotionModel):
    """Every object is where its last mask was."""

    images = 0

    def predict(self, tracklets: Sequence[Tracklet], scene: Scene) -> NDArray[np.float32]:
        """The last masks (K, h, w) as probabilities 0 and 1."""
        return np.stack([tracklet.masks[-1] for tracklet in tracklets]).astype(np.float32)
