"""Training samples of InstMove: the past masks, the target mask and the target frame of one instance (App. A)."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from instmove.errors import InstMoveError
from instmove.masks import BoolArray, box_of_mask, decode, grid_size, resize_nearest
from instmove.network.canvas import Canvas
from instmove.video import Dataset, Track, Video


@dataclass(frozen=True, slots=True)
class Window:
    """Frames in which a track is visible: those of the past masks, oldest first, and last the target's."""

    video: int
    track: int
    frames: tuple[int, ...]


class MotionSource:
    """Draws windows of consecutive visible masks of a track; a pure function of (seed, iteration, index).

    n, the number of past masks, is drawn once an iteration from ``past`` (App. A: 2 to 4) and falls to the longest
    there is where no track is that long. Every window with n earlier masks is as likely as any other. Half of the
    windows are mirrored and half of them run backwards in time, as motion does. For each k of ``strides`` there are
    windows of every k-th frame, beginning at any: one network then learns slow and fast motion.

    With ``crop``, samples are squares of that many canvas pixels around the last past mask. The networks are
    convolutional but for one average over the map, and most of a canvas is far from the object: they learn as much
    from a step on a crop, in a fraction of the time.
    """

    def __init__(
        self,
        dataset: Dataset,
        canvas: int,
        past: Sequence[int],
        seed: int,
        crop: int | None = None,
        strides: Sequence[int] = (1,),
    ) -> None:
        self.canvas, self.past, self.seed = Canvas(canvas), tuple(past), seed
        self.crop, self.strides = crop or canvas, tuple(strides)
        if self.crop > canvas:
            raise InstMoveError(f"motion.crop {crop} does not fit into motion.canvas {canvas}; make it smaller")
        self.videos = list(dataset)
        self.visible = [[track.visible() for track in video.objects] for video in self.videos]
        self.windows = {n: self._windows(n) for n in past}
        if not any(self.windows.values()):
            raise InstMoveError(f"split '{dataset.name}': no track has {min(past) + 1} visible masks to learn from")

    @property
    def skipped(self) -> int:
        """Tracks too short to be a sample: counted, not an error."""
        shortest = min(self.past) + 1
        return sum(len(frames) < shortest for video in self.visible for frames in video)

    def sample(self, iteration: int, index: int) -> dict[str, Tensor]:
        """``past`` (n, C, C) and ``target`` (C, C) of zeros and ones, and the target frame as ``image`` (3, C, C)."""
        n = self._past_length(iteration)
        generator = random.Random(f"{self.seed}/{iteration}/{index}")
        window = generator.choice(self.windows[n])
        backwards, mirrored = generator.random() < 0.5, generator.random() < 0.5
        sample = _crop(self.window(window, backwards), self.crop, generator)
        return {key: value.flip(-1) for key, value in sample.items()} if mirrored else sample

    def window(self, window: Window, backwards: bool = False) -> dict[str, Tensor]:
        """The sample of one window on the whole canvas, as it is or run backwards in time."""
        video = self.videos[window.video]
        track = video.objects[window.track]
        ordered = window.frames[::-1] if backwards else window.frames
        masks = torch.stack([self.canvas.masks(self._grid(video, track, t))[0] for t in ordered])
        return {"past": masks[:-1], "target": masks[-1], "image": self.canvas.image(video.image(ordered[-1]))}

    def _past_length(self, iteration: int) -> int:
        drawn = random.Random(f"{self.seed}/{iteration}").choice(self.past)
        return max(n for n in self.past if self.windows[n] and n <= max(drawn, min(self.past)))

    def _windows(self, n: int) -> list[Window]:
        return [
            Window(v, k, tuple(frames[target - n : target + 1]))
            for v, tracks in enumerate(self.visible)
            for k, visible in enumerate(tracks)
            for frames in _thinned(visible, self.strides)
            for target in range(n, len(frames))
        ]

    def _grid(self, video: Video, track: Track, frame: int) -> BoolArray:
        rle = track.masks[frame]
        assert rle is not None
        height, width = grid_size(video.height, video.width, self.canvas.side)
        return np.ascontiguousarray(resize_nearest(decode(rle), height, width)[None])


def _thinned(visible: Sequence[int], strides: Sequence[int]) -> Iterator[list[int]]:
    """Of every k-th frame, from each of the first k on, those in which the track is visible."""
    for stride in strides:
        for first in range(stride):
            yield [t for t in visible if t % stride == first]


def _crop(sample: dict[str, Tensor], side: int, generator: random.Random) -> dict[str, Tensor]:
    """Cut a square around the last past mask, off centre by up to a sixth of it: where the target is stays unknown."""
    last = sample["past"][-1]
    size, reach = last.shape[-1], side // 6
    box = box_of_mask(last.numpy() > 0.5) or (0, 0, size, size)
    starts = (
        (low + high - side) // 2 + generator.randint(-reach, reach) for low, high in zip(box[:2], box[2:], strict=True)
    )
    left, top = (min(max(start, 0), size - side) for start in starts)
    return {key: value[..., top : top + side, left : left + side] for key, value in sample.items()}
