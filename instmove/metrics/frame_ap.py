"""Mask AP50 of single frames, as COCO has it: how good a network is before any tracking."""

import contextlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from instmove.masks import Rle
from instmove.metrics.coco import Annotations, evaluate
from instmove.video import Video


@dataclass(frozen=True)
class FrameObjects:
    """The objects in one frame, N of each; true ones have no scores."""

    categories: Sequence[int]
    rles: Sequence[Rle]
    scores: Sequence[float] = ()
    crowd: Sequence[bool] = ()


def frame_truths(video: Video) -> list[FrameObjects]:
    """What is visible in each frame of a video with ground truth."""
    shown = ([(track, rle) for track in video.tracks or () if (rle := track.masks[t])] for t in range(len(video)))
    return [
        FrameObjects(
            [track.category for track, _ in frame], [rle for _, rle in frame], crowd=[t.ignored for t, _ in frame]
        )
        for frame in shown
    ]


def mask_ap50(truths: Iterable[FrameObjects], predictions: Iterable[FrameObjects]) -> float:
    """COCO's AP at IoU 0.5, mean over the categories with a truth; every frame of every video is an image.

    Both go over the same frames in the same order; at most 100 predictions a frame and category count. NaN where
    there is no truth.
    """
    pairs = list(zip(truths, predictions, strict=True))
    evaluation = evaluate(_annotations([truth for truth, _ in pairs]), _annotations([given for _, given in pairs]))
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation.accumulate()
    precision = evaluation.eval["precision"][0]
    return float(precision[precision > -1].mean()) if (precision > -1).any() else float("nan")


def _annotations(frames: Sequence[FrameObjects]) -> Annotations:
    scores = np.array([score for frame in frames for score in frame.scores], dtype=np.float64)
    crowd = np.array([crowd for frame in frames for crowd in frame.crowd], dtype=bool)
    return Annotations(
        image=np.repeat(np.arange(len(frames)), [len(frame.rles) for frame in frames]),
        category=np.array([category for frame in frames for category in frame.categories], dtype=np.int64),
        rles=[rle for frame in frames for rle in frame.rles],
        score=scores if scores.size else None,
        crowd=crowd if crowd.size else None,
    )
