"""The motion mask that STCN's decoder reads (Sec. 3.4): of every object, from its past masks as predicted so far.

InstMove needs two past masks; until an object has them its last mask stands in. The paper does not say what does.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from baselines.frames import FramesAhead
from baselines.history import HISTORIES
from instmove.masks import BoolArray
from instmove.motion.base import MotionModel, Tracklet
from instmove.network.base import InstMoveNetwork
from instmove.network.canvas import Canvas
from instmove.video import Video


class TrainingMotion(nn.Module):
    """A frozen InstMove on the frames of a training clip."""

    def __init__(self, network: InstMoveNetwork, side: int) -> None:
        super().__init__()
        self.network = network.requires_grad_(False).eval()
        self.side = side

    @torch.no_grad()
    def forward(self, past: Tensor, images: Tensor) -> Tensor:
        """Probabilities (N, H, W) of N objects from their masks (N, n, H, W) and their frame, normalised (N, 3, H, W).

        An object whose last two masks are not both there is where it was seen last.
        """
        latest = past[:, 0]
        for mask in past[:, 1:].unbind(1):
            latest = torch.where(mask.flatten(1).any(1)[:, None, None], mask, latest)
        known = past.flatten(2).any(2).all(1)
        if past.shape[1] < 2 or not known.any():
            return latest
        result = latest.clone()
        result[known] = self._predict(past[known], images[known])
        return result

    def _predict(self, past: Tensor, images: Tensor) -> Tensor:
        canvas = Canvas(self.side, past.device)
        masks = canvas.masks(past.flatten(0, 1) > 0.5).unflatten(0, past.shape[:2])
        shown = canvas.resize(images.flatten(0, 1)).unflatten(0, images.shape[:2])
        logits = self.network(masks, self.network.encode_image(shown))
        return canvas.restore(logits.float(), *past.shape[-2:]).sigmoid()


@dataclass
class MotionCost:
    """What motion took so far: seconds, images waited for included, and objects predicted, each once a frame."""

    seconds: float = 0.0
    predictions: int = 0


class MotionGuide:
    """Motion masks of one video at the size (h, w) of the network's input, by any motion model.

    Satisfies ``baselines.stcn.propagate.Motion``. ``past`` is the fewest and the most masks that the model is given.
    """

    def __init__(
        self,
        model: MotionModel,
        video: Video,
        size: tuple[int, int],
        past: tuple[int, int],
        gaps: str,
        cost: MotionCost,
    ) -> None:
        self.model, self.size, self.fewest, self.cost = model, size, past[0], cost
        self.history = HISTORIES[gaps](past[1])
        self._images = FramesAhead(video, ahead=1)

    def __call__(self, frame: int, ids: Sequence[int]) -> Tensor:
        """Motion masks (K, 1, h, w) of these objects in a frame."""
        tracklets = [self.history.past(number, frame) for number in ids]
        masks = np.zeros((len(ids), *self.size), dtype=np.float32)
        for row, tracklet in enumerate(tracklets):
            if tracklet is not None:
                masks[row] = tracklet.masks[-1]
        rows = [row for row, past in enumerate(tracklets) if past is not None and len(past.frames) >= self.fewest]
        if rows:
            masks[rows] = self._predict([past for row in rows if (past := tracklets[row])], frame)
        return torch.from_numpy(masks)[:, None]

    def remember(self, frame: int, ids: Sequence[int], masks: BoolArray) -> None:
        """Store the masks (K, h, w) of a frame; an object that was not found is remembered as it was seen last."""
        self.history.remember(frame, np.array(ids, dtype=np.int64), masks, np.array([mask.any() for mask in masks]))

    def _predict(self, tracklets: list[Tracklet], frame: int) -> NDArray[np.float32]:
        started = time.perf_counter()
        predicted = self.model.predict(tracklets, self.model.scene(frame, self._images.__getitem__))
        self.cost.seconds += time.perf_counter() - started
        self.cost.predictions += len(tracklets)
        return predicted
