"""STCN on whole videos: frames at the network's size in, object ids at the frame's own size out."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from tqdm import tqdm

from baselines.frames import FramesAhead
from baselines.stcn.guidance import MotionGuide
from baselines.stcn.network import Stcn
from baselines.stcn.propagate import Memory, propagate
from instmove.datasets.labels import DAVIS, YOUTUBE, Labels, write_ids
from instmove.datasets.vos_results import result_path
from instmove.errors import InstMoveError
from instmove.files import atomic_path
from instmove.masks import BoolArray, resize_nearest
from instmove.metrics.vos import Protocol
from instmove.network.canvas import MEAN, STD
from instmove.video import Dataset, Video

Size = tuple[int, int]
"""Height and width."""
GuideFor = Callable[[Video, Size], MotionGuide]


@dataclass(frozen=True)
class Segmenter:
    """A trained network with what it needs to know of a benchmark."""

    network: Stcn
    shortest: int
    """Short side of the frames that it sees; smaller frames are enlarged."""
    antialias: bool
    """Whether frames are smoothed before they shrink; the authors' are not (yv_test_dataset.py:35-43)."""
    memory: Memory
    device: torch.device
    guide_for: GuideFor | None = None
    """Makes the motion of a video; None for a network without motion."""

    @torch.inference_mode()
    def segment(self, video: Video, protocol: Protocol) -> Iterator[tuple[int, Labels]]:
        """Frame after frame from the first with an object: its index, and the ids (H, W) of the objects in it."""
        size = scaled(video, self.shortest)
        given = {t: {k: resized(m, size) for k, m in each.items()} for t, each in introduced(video, protocol).items()}
        guide = self.guide_for(video, size) if self.guide_for else None
        masks = {t: {k: torch.from_numpy(m).to(self.device).float() for k, m in e.items()} for t, e in given.items()}
        frames = Frames(video, size, self.antialias, self.device)
        motion = None if guide is None else (lambda t, ids: guide(t, ids).to(self.device))
        steps = propagate(self.network, frames, masks, motion, self.memory)
        for t, (ids, probabilities) in enumerate(steps, start=min(masks)):
            if guide is not None:
                small = probabilities.argmax(0).cpu().numpy()
                guide.remember(t, ids, np.stack([small == channel for channel in range(1, len(ids) + 1)]))
            yield t, _labels(ids, probabilities, (video.height, video.width))


def segment_dataset(made: Segmenter, dataset: Dataset, protocol: Protocol, folder: Path) -> tuple[int, float]:
    """Write ``folder/<video>/<frame>.png`` for every frame segmented; their number, and the seconds they took.

    A video's folder appears when it is whole; those that are there are left as they are, and not counted. The time is
    the network's and motion's, images waited for included, without writing. A YouTube-VOS video for which meta.json
    lists no object has no result.
    """
    palette = YOUTUBE if protocol == "ytvos" else DAVIS
    count, seconds = 0, 0.0
    for video in tqdm(dataset, desc=f"objects of {dataset.name}", total=len(dataset), unit="video", disable=None):
        done = folder / video.name
        if done.is_dir() or (protocol == "ytvos" and not video.tracks):
            continue
        with atomic_path(done) as unfinished:
            started = time.perf_counter()
            for t, labels in made.segment(video, protocol):
                count, seconds = count + 1, seconds + time.perf_counter() - started
                write_ids(unfinished / result_path(folder, video, t).name, labels, palette)
                started = time.perf_counter()
    return count, seconds


def _labels(ids: list[int], probabilities: Tensor, size: Size) -> Labels:
    """Object ids from probabilities (K + 1, h, w): enlarged bilinearly, then the likeliest (eval_davis.py:87-106)."""
    enlarged = F.interpolate(probabilities[None], size, mode="bilinear", align_corners=False)[0]
    return np.array([0, *ids], dtype=np.uint8)[enlarged.argmax(0).cpu().numpy()]


def introduced(video: Video, protocol: Protocol) -> dict[int, dict[int, BoolArray]]:
    """Masks that are given, by frame and object: in ``davis`` those of frame 0, in ``ytvos`` each object's first.

    A video in which nothing is given is an error.
    """
    given: dict[int, dict[int, BoolArray]] = {}
    for track in video.tracks or ():
        seen = track.visible()
        if track.ignored or not seen or (protocol == "davis" and seen[0] > 0):
            continue
        mask = track.mask(seen[0])
        assert mask is not None
        given.setdefault(seen[0], {})[track.id] = mask
    if not given:
        where = "its first mask" if protocol == "davis" else "any of its masks"
        raise InstMoveError(f"{video.name}: no object in {where}, there is nothing to segment")
    return given


def scaled(video: Video, shortest: int) -> Size:
    """Size of a video whose short side is scaled to this length; the other is rounded down (scripts/resize_youtube.py).

    In whole numbers: 480 / 201 * 201 is a little below 480.
    """
    short = min(video.height, video.width)
    return video.height * shortest // short, video.width * shortest // short


def resized(mask: BoolArray, size: Size) -> BoolArray:
    """A mask (h, w) at another size, nearest neighbour."""
    return mask if mask.shape == size else resize_nearest(mask, *size)


class Frames:
    """The normalised frames (3, h, w) of a video, read one after the other (``propagate`` asks in their order)."""

    def __init__(self, video: Video, size: Size, antialias: bool, device: torch.device) -> None:
        self.size, self.antialias, self.device, self.length = size, antialias, device, len(video)
        self._images = FramesAhead(video, ahead=1)

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, frame: int) -> Tensor:
        pixels = torch.from_numpy(self._images[frame]).to(self.device).movedim(-1, 0).float()
        mean, std = (pixels.new_tensor(values)[:, None, None] for values in (MEAN, STD))
        pixels = (pixels - mean) / std
        if pixels.shape[1:] == self.size:
            return pixels
        return F.interpolate(pixels[None], self.size, mode="bicubic", align_corners=False, antialias=self.antialias)[0]
