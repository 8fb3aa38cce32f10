"""MOTS evaluation at the size of BDD100K val: 32 videos of 200 frames, 1280x720, ten objects in each; asked: 60 s."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from benchmarks.made_up import HEIGHT, WIDTH
from benchmarks.timing import Row, seconds
from instmove.masks import Rle, decode, encode
from instmove.metrics.bootstrap import DRAWS, draw_weights
from instmove.metrics.hota import hota
from instmove.metrics.mots import evaluate_video
from instmove.metrics.mots_result import STATISTICS, pool, result_of
from instmove.video import Track, Video

VIDEOS, FRAMES = 32, 200
ROWS, COLUMNS, SHAPES = 2, 5, 20
CATEGORIES = tuple(range(1, 9))

Case = tuple[Video, tuple[Track, ...]]


def rows() -> Iterator[Row]:
    """Counts, HOTA, and all metrics with their intervals; against counting pixels of bitmasks alone."""
    cases = made_cases(VIDEOS, FRAMES)
    ours = seconds(lambda: evaluate(cases), repeat=1)
    against = seconds(lambda: pixel_pairs(*cases[0]), repeat=1) * VIDEOS
    size = f"{VIDEOS} videos x {FRAMES} frames x {ROWS * COLUMNS} objects of {HEIGHT}x{WIDTH}, {DRAWS} draws"
    yield Row("MOTS metrics", ours, against, f"{size}; against counting pixels of bitmasks, from one video")


def made_cases(videos: int, frames: int) -> list[Case]:
    """Objects that wander in cells of their own; predictions are displaced and change their ids now and then."""
    shapes = [_shapes(row, column) for row in range(ROWS) for column in range(COLUMNS)]
    generator = np.random.default_rng(0)
    return [_case(number, shapes, frames, generator) for number in range(videos)]


def _shapes(row: int, column: int) -> list[Rle]:
    """Ellipses that lie within one cell of the frame."""
    height, width = HEIGHT // ROWS, WIDTH // COLUMNS
    made = []
    for phase in np.linspace(0, 2 * np.pi, SHAPES, endpoint=False):
        canvas = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
        centre = (int((column + 0.5 + 0.1 * np.cos(phase)) * width), int((row + 0.5 + 0.1 * np.sin(phase)) * height))
        cv2.ellipse(canvas, centre, (width // 4, height // 4), 20 * float(phase), 0, 360, 1, -1)
        made.append(encode(canvas.view(bool)))
    return made


def _case(number: int, shapes: Sequence[Sequence[Rle]], frames: int, generator: np.random.Generator) -> Case:
    truths, found = [], {}
    for place, own in enumerate(shapes):
        category = CATEGORIES[place % len(CATEGORIES)]
        phases = (generator.integers(SHAPES) + np.arange(frames)) % SHAPES
        truths.append(Track(place + 1, category, tuple(own[phase] for phase in phases)))
        ids = 1 + place + len(shapes) * np.cumsum(generator.random(frames) < 0.02)
        for t, (identity, phase) in enumerate(zip(ids.tolist(), phases, strict=True)):
            if generator.random() < 0.9:
                found.setdefault((identity, category), {})[t] = own[(phase + 1) % SHAPES]
    tracks = tuple(Track(*key, tuple(masks.get(t) for t in range(frames))) for key, masks in found.items())
    return Video(number, f"video{number}", HEIGHT, WIDTH, (Path(),) * frames, tuple(truths)), tracks


def evaluate(cases: Sequence[Case]) -> None:
    """Masks to metrics."""
    result = pool(result_of(video, evaluate_video(video, tracks, CATEGORIES)) for video, tracks in cases)
    weights = draw_weights(len(cases), DRAWS)
    for statistic in STATISTICS.values():
        statistic(result, weights)
    hota({video.name: (video, tracks) for video, tracks in cases}, CATEGORIES)


def pixel_pairs(video: Video, tracks: Sequence[Track]) -> None:
    """Intersections of all pairs in every frame, as the official toolkit has them from two bitmasks."""
    for t in range(len(video)):
        truth, found = (_painted(each, t) for each in (video.tracks or (), tracks))
        np.unique(truth.astype(np.int64) * 65536 + found, return_counts=True)


def _painted(tracks: Sequence[Track], frame: int) -> np.ndarray:
    canvas = np.zeros((HEIGHT, WIDTH), dtype=np.int32)
    for number, track in enumerate(tracks, start=1):
        rle = track.masks[frame]
        if rle is not None:
            canvas[decode(rle)] = number
    return canvas
