"""Training clips of STCN: three frames of a video for the main training, three views of a picture for the static one.

hkchengrex/STCN@eb83102 dataset/vos_dataset.py, dataset/static_dataset.py, train.py. Both sources draw a sample from
(seed, iteration, index) alone.
"""

import bisect
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from baselines.stcn.views import (
    Affine,
    Colours,
    Picture,
    bent,
    cut,
    draw_window,
    grey,
    mirrored,
    moved,
    recoloured,
    resized,
)
from instmove.datasets.labels import Labels
from instmove.errors import InstMoveError
from instmove.video import Dataset, Track, Video

FRAMES = 3  # of a clip (vos_dataset.py:117; static_dataset.py:99)
TRIES = 5
"""Draws of three frames until the first shows an object (vos_dataset.py:105, 154-191)."""
GREY = 0.05  # share of the samples without colour (vos_dataset.py:64; static_dataset.py:64)
# changes of all frames of a clip alike, and of each by itself (vos_dataset.py:63; 50, 54)
CLIP_COLOURS, FRAME_COLOURS = Colours(0.1, 0.03, 0.03), Colours(0.01, 0.01, 0.01)
FRAME_AFFINE = Affine(degrees=15, shear=10)
# changes of all views of a picture alike, and of each by itself (static_dataset.py:63, 68; 46, 50)
STILL_COLOURS, VIEW_COLOURS = Colours(0.1, 0.05, 0.05, 0.05), Colours(0.1, 0.05, 0.05)
STILL_AFFINE, VIEW_AFFINE = Affine(sizes=(0.8, 1.5)), Affine(degrees=20, shear=10, sizes=(0.9, 1.1))
BENT = 0.33
"""Share of the views that a spline warps (static_dataset.py:115)."""

Cut = Callable[[Picture], Picture]


@dataclass(frozen=True)
class Reach:
    """How many frames apart those of a clip are at most: ``distances`` in turn, changed at these shares of training."""

    distances: Sequence[int]
    changes: Sequence[float]

    def at(self, progress: float) -> int:
        """The distance at this share of the training, from 0."""
        return self.distances[bisect.bisect_right(self.changes, progress)]


@dataclass(frozen=True)
class Weighted:
    """A dataset whose videos are drawn ``repeat`` times as often, annotated in every ``step``-th frame of the film."""

    dataset: Dataset
    repeat: int
    step: int


@dataclass(frozen=True)
class Windows:
    """What part of a frame a sample shows: a window of this share of its area, scaled to a square of ``side``."""

    side: int
    areas: Sequence[float]

    def cut(self, picture: Picture, generator: random.Random) -> Cut:
        """Draw a window; the same is cut from every picture of a sample."""
        rows, columns = draw_window(picture.size, (self.areas[0], self.areas[1]), generator)
        return lambda each: resized(cut(each, rows, columns), self.side, self.side)


class ClipSource:
    """Three frames of a video with one or two of the objects in the first (vos_dataset.py:33-205)."""

    def __init__(self, parts: Iterable[Weighted], windows: Windows, reach: Reach, seed: int, iterations: int) -> None:
        self.windows, self.reach, self.seed, self.iterations = windows, reach, seed, iterations
        self.videos: list[tuple[Video, int]] = []
        for part in parts:
            kept = [(video, part.step) for video in part.dataset if len(video) >= FRAMES and video.objects]
            self.videos += kept * part.repeat
        if not self.videos:
            raise InstMoveError("no training video has three frames and an object; give other splits to learn from")

    def sample(self, iteration: int, index: int) -> dict[str, Tensor]:
        """``images`` (3, 3, C, C) bytes, ``labels`` (3, C, C) 0 to 2, ``present`` (2,), ``iteration``."""
        generator = random.Random(f"{self.seed}/{iteration}/{index}")
        video, step = generator.choice(self.videos)
        reach = max(1, self.reach.at(iteration / self.iterations) // step)
        for _ in range(TRIES):
            times = draw_frames(len(video), reach, generator)
            pictures = [Picture(video.image(t), painted(video.objects, t, video)) for t in times]
            pictures = self._changed(pictures, generator)
            seen = np.unique(pictures[0].labels[pictures[0].labels > 0]).tolist()
            if seen:
                break
        chosen = generator.sample(seen, min(2, len(seen)))
        return as_sample([only(chosen, picture) for picture in pictures], max(1, len(chosen)), 2, iteration)

    def _changed(self, pictures: Sequence[Picture], generator: random.Random) -> list[Picture]:
        """First what all frames share, then what each has of its own: frames turn about the window's centre."""
        window = self.windows.cut(pictures[0], generator)
        flipped, colourless = generator.random() < 0.5, generator.random() < GREY
        colours = CLIP_COLOURS.draw(generator)
        made = []
        for picture in pictures:
            shared = recoloured(window(mirrored(picture) if flipped else picture), colours)
            turned = moved(grey(shared) if colourless else shared, FRAME_AFFINE.draw(generator))
            made.append(recoloured(turned, FRAME_COLOURS.draw(generator)))
        return made


def draw_frames(length: int, reach: int, generator: random.Random) -> list[int]:
    """Three frames, each at most ``reach`` after the one before, or all backwards (vos_dataset.py:109-120)."""
    reach = min(length, reach)
    first = generator.randrange(length - reach + 1)
    second = min(first + 1 + generator.randrange(reach + 1), length - reach, length - 1)
    third = min(second + 1 + generator.randrange(reach + 1), length - reach // 2, length - 1)
    times = [first, second, third]
    return times[::-1] if generator.random() < 0.5 else times


class StillSource:
    """Three views of one picture with one of its objects (static_dataset.py:44-130).

    The authors resize pictures to the crop, as their objects fill them; here a window is cut first, as in clips.
    """

    def __init__(self, datasets: Sequence[Dataset], windows: Windows, seed: int) -> None:
        self.windows, self.seed = windows, seed
        self.videos = [video for dataset in datasets for video in dataset]
        self.keys = [
            (v, track, frame)
            for v, video in enumerate(self.videos)
            for track in video.objects
            for frame in track.visible()
        ]
        if not self.keys:
            raise InstMoveError("no picture has an object to learn from; give other splits")

    def sample(self, iteration: int, index: int) -> dict[str, Tensor]:
        """As :meth:`ClipSource.sample`, with one object."""
        generator = random.Random(f"{self.seed}/{iteration}/{index}")
        for _ in range(TRIES):
            number, track, frame = generator.choice(self.keys)
            video = self.videos[number]
            picture = Picture(video.image(frame), painted([track], frame, video))
            still = self.windows.cut(picture, generator)(moved(picture, STILL_AFFINE.draw(generator)))
            if still.labels.any():
                break
        still = recoloured(still, STILL_COLOURS.draw(generator))
        still = mirrored(still) if generator.random() < 0.5 else still
        still = grey(still) if generator.random() < GREY else still
        return as_sample([self._view(still, generator) for _ in range(FRAMES)], 1, 1, iteration)

    def _view(self, still: Picture, generator: random.Random) -> Picture:
        view = moved(still, VIEW_AFFINE.draw(generator))
        view = bent(view, generator) if generator.random() < BENT else view
        return recoloured(view, VIEW_COLOURS.draw(generator))


def painted(tracks: Sequence[Track], frame: int, video: Video) -> Labels:
    """Labels (H, W) of a frame: 1 for the first of these objects, 2 for the second, and so on."""
    labels = np.zeros((video.height, video.width), dtype=np.uint8)
    for number, track in enumerate(tracks, start=1):
        mask = track.mask(frame)
        if mask is not None:
            labels[mask] = number
    return labels


def only(chosen: Sequence[int], picture: Picture) -> Picture:
    """The picture with these labels alone, as 1 and 2."""
    numbers = np.zeros(256, dtype=np.uint8)
    numbers[list(chosen)] = np.arange(1, len(chosen) + 1)
    return Picture(picture.image, numbers[picture.labels])


def as_sample(pictures: Sequence[Picture], objects: int, most: int, iteration: int) -> dict[str, Tensor]:
    """A sample of the training loop; ``present`` says which of the ``most`` objects there are."""
    images = np.stack([picture.image.transpose(2, 0, 1) for picture in pictures])
    return {
        "images": torch.from_numpy(images),
        "labels": torch.from_numpy(np.stack([picture.labels for picture in pictures])),
        "present": torch.arange(most) < objects,
        "iteration": torch.tensor(iteration),
    }
