"""What there is to gain: motion that knows the true masks, and an association that knows the true identities."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from baselines.interface import Instances, IntArray, Matrix
from instmove.masks import BoolArray, Rle, encode, mask_iou, resize_nearest, rle_iou
from instmove.motion.base import MotionModel, Scene, Tracklet
from instmove.video import Track, Video

HELD_IOU = 0.5
"""From here on a tracklet's mask tells which object it is on."""
OWN_IOU = 0.1
"""From here on an instance is of the object that it is assigned to, unless the metric asks for more."""
KEPT = 32
"""Frames whose true masks are kept decoded: bounds memory."""

Grid = tuple[int, int]


class TrueMasks:
    """The objects of a video on any grid."""

    def __init__(self, video: Video) -> None:
        self.tracks = video.objects
        self.at = lru_cache(KEPT)(self._at)

    def _at(self, frame: int, grid: Grid) -> BoolArray:
        """Masks (M, h, w) of a frame; empty where an object is not visible."""
        masks = [_on_grid(track, frame, grid) for track in self.tracks]
        return np.stack(masks) if masks else np.zeros((0, *grid), dtype=bool)


def _on_grid(track: Track, frame: int, grid: Grid) -> BoolArray:
    mask = track.mask(frame)
    return np.zeros(grid, dtype=bool) if mask is None else resize_nearest(mask, *grid)


class OracleMotion(MotionModel):
    """The true mask, in the current frame, of the object that a tracklet's last mask was on.

    That is the object with the highest IoU in the frame of that mask, if it is at least 0.5; else nothing is predicted.
    """

    images = 0

    def __init__(self, video: Video) -> None:
        self.truth = TrueMasks(video)

    def predict(self, tracklets: Sequence[Tracklet], scene: Scene) -> NDArray[np.float32]:
        """Probabilities 0 and 1 (K, h, w)."""
        predicted = np.zeros((len(tracklets), *tracklets[0].masks.shape[1:]), dtype=np.float32)
        for row, tracklet in enumerate(tracklets):
            held = self._held(tracklet)
            if held is not None:
                predicted[row] = self.truth.at(scene.frame, predicted.shape[1:])[held]
        return predicted

    def _held(self, tracklet: Tracklet) -> int | None:
        last = tracklet.masks[-1]
        overlap = mask_iou(last[None], self.truth.at(tracklet.frames[-1], last.shape))[0]
        best = int(overlap.argmax()) if overlap.size else None
        return best if best is not None and overlap[best] >= HELD_IOU else None


def true_ids(video: Video, frames: Sequence[Instances], least: float = OWN_IOU) -> list[IntArray]:
    """Identities from the truth: in every frame instances are assigned to objects by the IoU of their full-size masks.

    An id is the index of an object, one instance's a frame; the others have -1, and those that overlap none by
    ``least``. Where tracks are scored as a whole a poor mask of an object is still its own: without it the track would
    be worse. Where frames are, a mask below the metric's IoU is a false positive.
    """
    objects = video.objects
    return [
        _assigned(rle_iou(instances.rles, [_shown(track, t, video) for track in objects]), least)
        for t, instances in enumerate(frames)
    ]


def _shown(track: Track, frame: int, video: Video) -> Rle:
    return track.masks[frame] or encode(np.zeros((video.height, video.width), dtype=bool))


def _assigned(overlap: Matrix, least: float) -> IntArray:
    """The object (column) of each instance (row), -1 for none, so that the sum of IoUs from ``least`` on is highest."""
    counted = np.where(overlap >= least, overlap, 0)
    rows, objects = linear_sum_assignment(counted, maximize=True)
    found = counted[rows, objects] > 0
    ids = np.full(len(overlap), -1, dtype=np.int64)
    ids[rows[found]] = objects[found]
    return ids
