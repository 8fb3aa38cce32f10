"""What the motion plug-in remembers of a video: the past masks of every identity."""

from abc import ABC, abstractmethod
from collections import deque

import numpy as np

from baselines.interface import IntArray
from instmove.masks import BoolArray
from instmove.motion.base import Tracklet


class History(ABC):
    """The last masks of every identity of one video, ``most`` each."""

    def __init__(self, most: int) -> None:
        self.most = most

    @abstractmethod
    def remember(self, frame: int, ids: IntArray, masks: BoolArray, accepted: BoolArray) -> None:
        """Store the masks (N, h, w) of a frame under their ids (N,), -1 being none; frames come in their order."""

    @abstractmethod
    def past(self, identity: int, frame: int) -> Tracklet | None:
        """The last masks of an identity before this frame; None for one that was never stored."""


class LastSeen(History):
    """The masks of the last accepted matches, however long ago: an object is remembered while it is out of sight."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self._seen: dict[int, deque[tuple[int, BoolArray]]] = {}

    def remember(self, frame: int, ids: IntArray, masks: BoolArray, accepted: BoolArray) -> None:
        """Store the masks of accepted matches."""
        for row in np.flatnonzero((ids >= 0) & accepted):
            seen = self._seen.setdefault(int(ids[row]), deque(maxlen=self.most))
            seen.append((frame, masks[row].copy()))  # a view would keep the whole frame's masks

    def past(self, identity: int, frame: int) -> Tracklet | None:
        """The last accepted masks, with the frames that they are from."""
        if identity not in self._seen:
            return None
        frames, masks = zip(*self._seen[identity], strict=True)
        return Tracklet(np.stack(masks), frames)


class ByFrame(History):
    """The masks of the last frames, whatever is there: an empty one where the identity was not found.

    wjf5203/VNext@db33833 projects/InstMove/MinVIS_motion/minvis/video_maskformer_model.py:369-374.
    """

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self._frames: dict[int, dict[int, BoolArray]] = {}
        self._born: dict[int, int] = {}

    def remember(self, frame: int, ids: IntArray, masks: BoolArray, accepted: BoolArray) -> None:
        """Store all masks that have an identity."""
        self._frames[frame] = {int(ids[row]): masks[row] for row in np.flatnonzero(ids >= 0)}
        self._frames.pop(frame - self.most, None)
        for identity in self._frames[frame]:
            self._born.setdefault(identity, frame)
        self._empty = np.zeros(masks.shape[1:], dtype=bool)

    def past(self, identity: int, frame: int) -> Tracklet | None:
        """The masks in the frames right before, but for those before the identity's first."""
        if identity not in self._born:
            return None
        frames = tuple(range(max(self._born[identity], frame - self.most), frame))
        masks = [self._frames.get(t, {}).get(identity, self._empty) for t in frames]
        return Tracklet(np.stack(masks), frames)


HISTORIES: dict[str, type[History]] = {"last_seen": LastSeen, "by_frame": ByFrame}
"""By their name in a setup (``association.gaps``)."""
