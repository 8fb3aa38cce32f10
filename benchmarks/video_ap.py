"""Video AP on a set of the size of OVIS-Sub val: the evaluation, and its bootstrap intervals."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from pycocotools import mask as coco

from benchmarks.made_up import HEIGHT, WIDTH, blobs
from benchmarks.timing import Row, seconds
from instmove import masks
from instmove.masks import Rle
from instmove.metrics.bootstrap import DRAWS, draw_weights
from instmove.metrics.video_ap import STATISTICS, TrackPrediction, VideoMatches, average_precision, pool
from instmove.metrics.video_ap_matching import match_video
from instmove.video import Track, Video

VIDEOS, FRAMES, TRUTHS, PREDICTIONS = 122, 60, 5, 10
OFFICIAL_VIDEOS, OFFICIAL_FRAMES, OFFICIAL_PREDICTIONS = 30, 67, 7
OFFICIAL_SECONDS = 0.3
"""What the authors' evaluator took for such a set once it was loaded, on another machine; 217 predictions in all."""
CATEGORIES = 25
RUNS = 20

Case = tuple[Video, list[TrackPrediction]]


def rows() -> Iterator[Row]:
    """Matching, and the twelve numbers of a thousand draws."""
    cases = made_cases(VIDEOS, FRAMES)
    size = f"{VIDEOS} videos x {FRAMES} frames x {PREDICTIONS} predictions of {HEIGHT}x{WIDTH}"
    ours = seconds(lambda: evaluate(cases), repeat=1)
    against = seconds(lambda: [naive_iou(*case) for case in cases], repeat=1)
    yield Row("video AP", ours, against, f"{size}; against IoU alone, frame by frame and pair by pair")
    official = made_cases(OFFICIAL_VIDEOS, OFFICIAL_FRAMES, OFFICIAL_PREDICTIONS)
    ours = seconds(lambda: evaluate(official), repeat=3)
    size = f"{OFFICIAL_VIDEOS} x {OFFICIAL_FRAMES} x {OFFICIAL_PREDICTIONS}"
    yield Row("video AP, the official evaluator's case", ours, OFFICIAL_SECONDS, f"{size}; against its time elsewhere")
    matches = evaluate(cases)
    weights = draw_weights(VIDEOS, DRAWS)
    together = seconds(lambda: [statistic(matches, weights) for statistic in STATISTICS.values()], repeat=1)
    apart = seconds(lambda: [average_precision(matches, weights[n : n + 1]) for n in range(RUNS)]) * DRAWS / RUNS
    note = f"{len(matches.score)} predictions; against AP alone draw by draw, extrapolated from {RUNS} draws"
    yield Row(f"bootstrap of video AP, {DRAWS} draws", together, apart, note)


def made_cases(videos: int, frames: int, count: int = PREDICTIONS) -> list[Case]:
    """Truths of up to three categories a video; a prediction follows one of them half of the time."""
    generator = np.random.default_rng(0)
    rles = [masks.encode(mask) for mask in blobs(40, HEIGHT, WIDTH)]
    cases = []
    for number in range(videos):
        categories = generator.choice(CATEGORIES, 3, replace=False)
        chosen = generator.integers(len(rles), size=(TRUTHS, frames))
        tracks = tuple(
            Track(n + 1, int(categories[n % 3]), tuple(rles[i] for i in row)) for n, row in enumerate(chosen)
        )
        predictions = []
        for n in range(count):
            kept = generator.random(frames) < generator.uniform(0.3, 1)
            row = np.where(kept, chosen[n % TRUTHS], generator.integers(len(rles), size=frames))
            category = int(categories[n % TRUTHS % 3])
            predictions.append(TrackPrediction(category, float(generator.random()), tuple(rles[i] for i in row)))
        paths = (Path(),) * frames
        cases.append((Video(number, f"video{number}", HEIGHT, WIDTH, paths, tracks), predictions))
    return cases


def evaluate(cases: Sequence[Case]) -> VideoMatches:
    """Masks to the twelve numbers."""
    matches = pool(match_video(*case) for case in cases)
    once = np.ones((1, len(cases)), dtype=np.int64)
    for statistic in STATISTICS.values():
        statistic(matches, once)
    return matches


def naive_iou(video: Video, predictions: Sequence[TrackPrediction]) -> list[float]:
    """IoU of each prediction with each truth of its category, by merging run lengths."""
    tracks = video.tracks or ()
    pairs = [(p.masks, track.masks) for p in predictions for track in tracks if p.category == track.category]
    return [_track_iou(*pair) for pair in pairs]


def _track_iou(first: Sequence[Rle | None], second: Sequence[Rle | None]) -> float:
    both = either = 0
    for pair in zip(first, second, strict=True):
        present = [rle for rle in pair if rle is not None]
        both += masks.area(coco.merge(present, intersect=True)) if len(present) == 2 else 0
        either += masks.area(coco.merge(present)) if present else 0
    return both / either if either else 0.0
