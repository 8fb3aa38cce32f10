"""Made-up videos, motion models and results for the tests of metrics and reports."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from instmove import masks
from instmove.masks import BoolArray, Rle
from instmove.metrics.result_files import ORIGIN_KEYS
from instmove.motion.base import MotionModel, Scene, Tracklet
from instmove.video import Dataset, Track, Video

HEIGHT, WIDTH = 36, 48
ORIGIN = dict.fromkeys(ORIGIN_KEYS) | {"setup": "test", "dataset": "made-up", "motion": "copy", "seed": 0}


def rectangle(x: float, y: float, width: int, height: int) -> Rle | None:
    """A rectangle's mask in a 36x48 frame, None where none of it is left."""
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    left, top = round(x), round(y)
    mask[max(0, top) : max(0, top + height), max(0, left) : max(0, left + width)] = True
    return masks.encode(mask) if mask.any() else None


def moving_track(number: int, generator: np.random.Generator, frames: int) -> Track:
    """A rectangle in straight motion that is out of sight for a while, of category 1, 2 or 3."""
    start, speed = generator.uniform(2, 25, 2), generator.uniform(-3, 3, 2)
    size = generator.integers(5, 14, 2)
    hidden = int(generator.integers(3, frames + 3))
    seen = [
        None if t == hidden else rectangle(*(start + t * speed), width=size[0], height=size[1]) for t in range(frames)
    ]
    return Track(number, int(generator.integers(1, 4)), tuple(seen))


def make_dataset(folder: Path, videos: int = 4, frames: int = 9, tracks: int = 3, seed: int = 0) -> Dataset:
    """A dataset of moving rectangles with grey frames on disk."""
    generator = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    made = {}
    for number in range(videos):
        name = f"video{number}"
        moving = tuple(moving_track(track, generator, frames) for track in range(tracks))
        paths = tuple(folder / f"{name}_{t}.png" for t in range(frames))
        for t, path in enumerate(paths):
            cv2.imwrite(str(path), np.full((HEIGHT, WIDTH, 3), 20 * t, dtype=np.uint8))
        made[name] = Video(number, name, HEIGHT, WIDTH, paths, tuple(track for track in moving if track.visible()))
    return Dataset("made-up", {1: "cat", 2: "dog", 3: "cow"}, tuple(made), made.__getitem__)


class CopyLast(MotionModel):
    """The last mask, for certain; remembers what it was asked."""

    def __init__(self) -> None:
        self.calls: list[tuple[Sequence[Tracklet], Scene]] = []

    def predict(self, tracklets: Sequence[Tracklet], scene: Scene) -> NDArray[np.float32]:
        self.calls.append((tracklets, scene))
        return np.stack([tracklet.masks[-1] for tracklet in tracklets]).astype(np.float32)


class NoisyShift(MotionModel):
    """The last mask shifted by a few seeded pixels, with confidences between 0.5 and 1."""

    def __init__(self, seed: int, reach: int = 2) -> None:
        self.generator, self.reach = np.random.default_rng(seed), reach

    def predict(self, tracklets: Sequence[Tracklet], scene: Scene) -> NDArray[np.float32]:
        return np.stack([self._one(tracklet.masks[-1]) for tracklet in tracklets])

    def _one(self, mask: BoolArray) -> NDArray[np.float32]:
        shift = tuple(self.generator.integers(-self.reach, self.reach + 1, 2).tolist())
        return (np.roll(mask, shift, (0, 1)) * self.generator.uniform(0.51, 1)).astype(np.float32)
