"""J and F on crops against the official functions on full frames."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from segmetric.metrics import db_eval_boundary, db_eval_iou

from benchmarks.made_up import blobs
from benchmarks.timing import Row, seconds
from instmove import masks
from instmove.metrics.vos import score_sequence
from instmove.video import Track, Video

HEIGHT, WIDTH, FRAMES = 480, 854, 40


def rows() -> Iterator[Row]:
    """One object of DAVIS's size, decoding included on both sides."""
    drawn = blobs(FRAMES, HEIGHT, WIDTH)
    truth = tuple(masks.encode(mask) for mask in drawn)
    found = tuple(masks.encode(np.roll(mask, (3, 5), (0, 1))) for mask in drawn)
    video = Video(1, "video", HEIGHT, WIDTH, (Path(),) * FRAMES, (Track(1, 1, truth),))

    def official() -> None:
        for t in range(1, FRAMES - 1):
            first, second = masks.decode(truth[t]), masks.decode(found[t])
            db_eval_iou(first, second)
            db_eval_boundary(first, second)

    ours = seconds(lambda: score_sequence(video, {1: found}, "davis"))
    yield Row("J and F", ours, seconds(official), f"{FRAMES} frames of {HEIGHT}x{WIDTH}; against full frames")
