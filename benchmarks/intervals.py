"""Bootstrap intervals of mAP: matches cached and accumulated again, against COCOeval on every draw."""

from collections.abc import Iterator

import numpy as np

from benchmarks.made_up import blobs
from benchmarks.timing import Row, seconds
from instmove import masks
from instmove.metrics.bootstrap import DRAWS, draw_weights
from instmove.metrics.coco import average_precision, match

VIDEOS, FRAMES, TRACKS = 60, 12, 4
CATEGORIES = 10
RUNS = 3


def rows() -> Iterator[Row]:
    """A thousand draws ours, a few the other way."""
    count = VIDEOS * FRAMES * TRACKS
    generator = np.random.default_rng(0)
    video = np.repeat(np.arange(VIDEOS), FRAMES * TRACKS)
    frame = np.repeat(np.arange(VIDEOS * FRAMES), TRACKS)
    category = generator.integers(1, CATEGORIES + 1, count)
    score = generator.random(count)
    rles = [masks.encode(mask) for mask in blobs(40, 54, 96)]
    truths = [rles[n % 40] for n in range(count)]
    predictions = [rles[(n + generator.integers(2)) % 40] for n in range(count)]
    weights = draw_weights(VIDEOS, DRAWS)

    def ours() -> None:
        order = np.argsort(-score, kind="stable")
        hits = match(frame, category, score, predictions, truths)[order]
        average_precision(hits, category[order], video[order], weights)

    def run_per_draw() -> None:
        for weight in weights[:RUNS]:
            chosen = np.concatenate([np.flatnonzero(video == v) for v in np.repeat(np.arange(VIDEOS), weight)])
            copies = np.repeat(np.arange(VIDEOS), FRAMES * TRACKS)  # a video drawn twice is two videos
            image = copies * VIDEOS * FRAMES + frame[chosen]
            drawn = [predictions[n] for n in chosen], [truths[n] for n in chosen]
            order = np.argsort(-score[chosen], kind="stable")
            hits = match(image, category[chosen], score[chosen], *drawn)[order]
            average_precision(hits, category[chosen][order], copies[order], np.ones((1, VIDEOS), dtype=np.int64))

    against = seconds(run_per_draw, repeat=1) * DRAWS / RUNS
    note = f"{count} predictions in {VIDEOS} videos; against COCOeval a draw, extrapolated from {RUNS} draws"
    yield Row(f"bootstrap of mAP, {DRAWS} draws", seconds(ours, repeat=1), against, note)
