"""The evaluation list of motion prediction (Tables 2 and 7): which object is predicted in which frame, from what."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from instmove import masks
from instmove.masks import BoolArray
from instmove.video import Track, Video

LEAST_HISTORY = 2
"""Sec. 3.1: the module is defined for n >= 2 past masks."""
LONGEST_HISTORY = 4
"""App. A trains on 3 to 5 adjacent frames, the target among them."""


@dataclass(frozen=True)
class Sample:
    """One prediction to make: the mask of ``track`` in ``frame`` from its masks in the frames ``history``."""

    track: Track
    frame: int
    history: tuple[int, ...]
    """Frames of the last visible masks before ``frame``, oldest first, two to four of them."""
    displacement: float
    """Centroid shift per frame since the last visible mask, over the square root of that mask's area."""
    occlusion: float
    """Summed intersection of the object's box in ``frame`` with the other objects' boxes over its area, at most 1."""

    @property
    def after_gap(self) -> bool:
        """Whether the object was out of sight between the first frame of the history and the target frame."""
        return self.frame - self.history[0] != len(self.history)


@dataclass(frozen=True)
class _Track:
    """A track with what its samples share, each measured once."""

    track: Track

    @cached_property
    def visible(self) -> list[int]:
        return self.track.visible()

    @cached_property
    def boxes(self) -> dict[int, NDArray[np.float64]]:
        return {t: np.array(masks.box_of_rle(rle)) for t in self.visible if (rle := self.track.masks[t])}

    @cached_property
    def shapes(self) -> dict[int, tuple[NDArray[np.float64], int]]:
        decoded = {t: self.track.mask(t) for t in self.visible}
        return {t: (centroid(mask), int(mask.sum())) for t, mask in decoded.items() if mask is not None}

    def displacement(self, last: int, frame: int) -> float:
        (before, area), (now, _) = self.shapes[last], self.shapes[frame]
        return float(np.linalg.norm(now - before) / np.sqrt(area) / (frame - last))


def evaluation_list(video: Video) -> list[Sample]:
    """All samples of a video, ordered by (frame, track id); the same list for every motion model.

    A sample is a frame in which an object is visible that had at least two visible masks before; ignored tracks
    have none. A video without ground truth is an error.
    """
    tracks = [_Track(track) for track in video.objects]
    samples = [sample for track in tracks for sample in _samples_of(track, tracks)]
    return sorted(samples, key=lambda sample: (sample.frame, sample.track.id))


def _samples_of(track: _Track, tracks: list[_Track]) -> list[Sample]:
    samples = []
    for position in range(LEAST_HISTORY, len(track.visible)):
        frame = track.visible[position]
        history = tuple(track.visible[max(0, position - LONGEST_HISTORY) : position])
        others = [other.boxes[frame] for other in tracks if other is not track and frame in other.boxes]
        samples.append(
            Sample(
                track.track,
                frame,
                history,
                displacement=track.displacement(history[-1], frame),
                occlusion=occlusion_rate(track.boxes[frame], others),
            )
        )
    return samples


def centroid(mask: BoolArray) -> NDArray[np.float64]:
    """Mean (x, y) of the foreground pixels of a mask that has some."""
    area = np.count_nonzero(mask)
    x = mask.sum(axis=0) @ np.arange(mask.shape[1])
    y = mask.sum(axis=1) @ np.arange(mask.shape[0])
    return np.array([x, y], dtype=np.float64) / area


def occlusion_rate(box: NDArray[np.float64], others: list[NDArray[np.float64]]) -> float:
    """Share of a box (x, y, width, height) covered by other boxes, overlaps among them counted twice, at most 1."""
    if not others:
        return 0.0
    near = np.array(others)
    corner = np.maximum(box[:2], near[:, :2])
    overlap = np.clip(np.minimum(box[:2] + box[2:], near[:, :2] + near[:, 2:]) - corner, 0, None)
    return float(min(1.0, overlap.prod(axis=1).sum() / box[2:].prod()))
