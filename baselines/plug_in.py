"""The motion plug-in (Sec. 3.4): predicts where every tracklet is now and scores the instances of a frame by it."""

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from baselines.frames import FramesAhead
from baselines.history import HISTORIES
from baselines.interface import Instances, IntArray, Matrix
from baselines.settings import AssociationSettings
from instmove.masks import BoolArray, mask_iou
from instmove.motion.base import MotionModel, Tracklet
from instmove.video import Video

SMOOTH = 1e-6
"""Of the authors' IoU: wjf5203/VNext@db33833 projects/InstMove/MinVIS_motion/minvis/video_maskformer_model.py:33-40."""


class MotionPlugIn:
    """Motion scores of one video; satisfies ``baselines.interface.PlugIn``.

    A tracklet with fewer than ``past[0]`` remembered masks, or beyond the ``top`` most confident, scores 0 everywhere.
    All tracklets of a frame are one call of the model; images are read only where the model looks at them.
    """

    def __init__(self, model: MotionModel, video: Video, settings: AssociationSettings) -> None:
        self.model, self.settings = model, settings
        self.history = HISTORIES[settings.gaps](settings.past[1])
        self.seconds = 0.0
        """Spent in motion so far, waiting for images included."""
        self.predictions = 0
        """Tracklets predicted so far, each once a frame."""
        self._images = FramesAhead(video, ahead=1)

    def score(
        self, frame: int, ids: Sequence[int], instances: Instances, confidence: NDArray[np.floating] | None = None
    ) -> Matrix:
        """What to add to the (len(ids), N) matching scores of these tracklets and these instances."""
        started = time.perf_counter()
        scores = np.zeros((len(ids), len(instances)))
        if frame >= self.settings.from_frame and scores.size:
            past = self._past(frame, ids, self._chosen(len(ids), confidence))
            self.predictions += len(past)
            scores = self.settings.weight * self._scores(frame, past, len(ids), instances.masks)
        self.seconds += time.perf_counter() - started
        return scores

    def remember(self, frame: int, ids: IntArray, instances: Instances, accepted: BoolArray) -> None:
        """Store the masks of a frame under their ids (N,), -1 being none."""
        self.history.remember(frame, ids, instances.masks, accepted)

    def _chosen(self, count: int, confidence: NDArray[np.floating] | None) -> IntArray:
        """Rows of the most confident tracklets, in their order."""
        if self.settings.top is None:
            return np.arange(count)
        if confidence is None:
            raise ValueError("motion for the most confident tracklets alone needs their confidence")
        return np.sort(np.argsort(-confidence, kind="stable")[: self.settings.top])

    def _past(self, frame: int, ids: Sequence[int], rows: IntArray) -> dict[int, Tracklet]:
        """The tracklets of these rows that have been seen often enough."""
        found = {int(row): self.history.past(ids[row], frame) for row in rows}
        fewest = self.settings.past[0]
        return {row: past for row, past in found.items() if past is not None and len(past.frames) >= fewest}

    def _scores(self, frame: int, past: dict[int, Tracklet], count: int, candidates: BoolArray) -> Matrix:
        """Scores of ``count`` rows; those without a tracklet in ``past`` are zero."""
        scores = np.zeros((count, len(candidates)))
        if past:
            scores[list(past)] = self.model.score(
                list(past.values()), self.model.scene(frame, self._images.__getitem__), candidates
            )
        return scores


class ReleasedPlugIn(MotionPlugIn):
    """The authors' MinVIS plug-in, whose scores differ in two ways.

    The number of past masks is the fewest or the most, nothing between. And a tracklet without motion has an empty
    mask, whose IoU with an empty candidate is 1: such candidates are drawn to tracklets without motion.
    wjf5203/VNext@db33833 projects/InstMove/MinVIS_motion/minvis/video_maskformer_model.py:33-40, 369-374, 399-404.
    """

    def _past(self, frame: int, ids: Sequence[int], rows: IntArray) -> dict[int, Tracklet]:
        fewest, most = self.settings.past
        return {
            row: past if len(past.frames) == most else Tracklet(past.masks[-fewest:], past.frames[-fewest:])
            for row, past in super()._past(frame, ids, rows).items()
        }

    def _scores(self, frame: int, past: dict[int, Tracklet], count: int, candidates: BoolArray) -> Matrix:
        predicted = np.zeros((count, *candidates.shape[1:]), dtype=bool)
        if past:
            predicted[list(past)] = (
                self.model.predict(list(past.values()), self.model.scene(frame, self._images.__getitem__)) > 0.5
            )
        return mask_iou(predicted, candidates, smooth=SMOOTH)


def plug_in_for(model: MotionModel, video: Video, settings: AssociationSettings) -> MotionPlugIn:
    """The plug-in that the settings describe."""
    return (ReleasedPlugIn if settings.released else MotionPlugIn)(model, video, settings)
