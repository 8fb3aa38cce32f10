"""What a motion model is: past masks in, a mask for the current frame out, and a score against candidates."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from instmove.masks import BoolArray, mask_iou
from instmove.video import Image


@dataclass(frozen=True)
class Tracklet:
    """The past of one object: masks (n, h, w) oldest first on a grid that covers the frame, and their frame indices."""

    masks: BoolArray
    frames: tuple[int, ...]


@dataclass(frozen=True)
class Scene:
    """The frame to predict: its index and, for models that look at them, its image and the one before (full, RGB)."""

    frame: int
    image: Image | None = None
    previous: Image | None = None


class MotionModel(ABC):
    """Predicts where objects are now; one file and one line in ``instmove.motion.registry`` add a model."""

    images: int = 2
    """How many of a scene's images ``predict`` looks at: none, the frame's own (1), the one before too (2)."""

    def scene(self, frame: int, image_of: Callable[[int], Image]) -> Scene:
        """A frame with the images that the model looks at; the earlier one is asked for first."""
        previous = image_of(frame - 1) if self.images > 1 else None
        return Scene(frame, image_of(frame) if self.images > 0 else None, previous)

    @abstractmethod
    def predict(self, tracklets: Sequence[Tracklet], scene: Scene) -> NDArray[np.float32]:
        """Foreground probabilities (K, h, w) of K >= 1 tracklets on the grid of their masks."""

    def score(self, tracklets: Sequence[Tracklet], scene: Scene, candidates: BoolArray) -> NDArray[np.float64]:
        """Motion score in [0, 1] as a (K, N) matrix against candidate masks (N, h, w): mask IoU (Sec. 3.4)."""
        return mask_iou(self.predict(tracklets, scene) > 0.5, candidates)
