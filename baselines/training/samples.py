"""Training samples of the hosts: one frame, or a frame and another one near it, with everything annotated in them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from baselines.layers.images import STRIDE
from baselines.training.annotated import AnnotatedVideo, annotated_videos
from baselines.training.frames import Frame, draw_window, read_frame
from instmove.datasets.classes import joint_classes
from instmove.errors import InstMoveError
from instmove.video import Dataset

CROPPED = 0.5
"""Share of samples that are cut to a window first where the setup asks for it.

wjf5203/VNext@db33833 projects/IDOL/idol/data/dataset_mapper.py:234.
"""


@dataclass(frozen=True)
class SampleSettings:
    """What a sample is, ``hosts.<name>.data`` of a setup."""

    frames: int
    """1, or 2: a key frame and a partner at most ``reach`` frames away."""
    reach: int
    ordered: bool
    """Whether the earlier of the two is the first."""
    sides: Sequence[int]
    """Lengths of the short side; one is drawn an iteration, so that the samples of a batch are about equally large."""
    longest: int
    flip: float
    crop: Sequence[int] | None = None
    """Smallest and largest side of a window, drawn for every frame of half of the samples."""
    by_video: bool = False
    """Whether a video is drawn first and then a frame of it, so that a long video weighs no more than a short one."""


class HostSource:
    """Draws key frames that show an object, each as likely as any other, or each video as likely as any other
    (``by_video``); a pure function of (seed, iteration, index).

    ``classes`` are the joint categories of the datasets, ``identities`` the number of annotated objects.
    """

    def __init__(self, datasets: Sequence[Dataset], settings: SampleSettings, seed: int) -> None:
        self.settings, self.seed = settings, seed
        self.classes = joint_classes(datasets)
        self.videos = annotated_videos(datasets, self.classes)
        if not self.videos:
            raise InstMoveError(f"{', '.join(dataset.name for dataset in datasets)}: no frame has an object to learn")
        self.identities = self.videos[-1].objects[-1].number
        self.keys = [(video, frame) for video in self.videos for frame in video.frames]

    def sample(self, iteration: int, index: int) -> dict[str, Tensor]:
        """Everything that :meth:`collate` lists but without its first axis, the images still bytes."""
        shortest = random.Random(f"{self.seed}/{iteration}").choice(self.settings.sides)
        generator = random.Random(f"{self.seed}/{iteration}/{index}")
        video, key = self._key(generator)
        frames = self._frames(generator, video, key)
        mirrored = generator.random() < self.settings.flip
        cropped = self.settings.crop is not None and generator.random() < CROPPED
        found = [self._read(generator, video, frame, shortest, mirrored, cropped) for frame in frames]
        return {"iteration": torch.tensor(iteration), **_sample(found, video)}

    def collate(self, samples: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
        """A batch of B samples of F frames, padded with zeros to a common H and W, multiples of 32, and N objects.

        ``images`` (B, F, 3, H, W) float32 RGB 0..255, ``sizes`` (B, F, 2) height and width without padding; for every
        object, the same row in all frames of a sample: ``masks`` (B, F, N, H, W) bool, ``boxes`` (B, F, N, 4) x1, y1,
        x2, y2 around the mask, right and bottom exclusive, ``visible`` (B, F, N) bool, ``labels`` (B, N), -1 in
        padding rows, ``ids`` (B, N) running numbers from 1 in the training set, 0 in padding rows. ``iteration`` (B,).
        """
        height, width = (_padded(max(sample["images"].shape[axis] for sample in samples)) for axis in (-2, -1))
        count = max(len(sample["labels"]) for sample in samples)
        sides: dict[str, tuple[int, ...]] = {
            "images": (height, width),
            "masks": (count, height, width),
            "boxes": (count, 4),
            "visible": (count,),
            "labels": (count,),
            "ids": (count,),
        }
        batch = {
            key: torch.stack([_grown(sample[key], sides.get(key, ()), -(key == "labels")) for sample in samples])
            for key in samples[0]
        }
        return {**batch, "images": batch["images"].float()}

    def _key(self, generator: random.Random) -> tuple[AnnotatedVideo, int]:
        if not self.settings.by_video:
            return generator.choice(self.keys)
        video = generator.choice(self.videos)
        return video, generator.choice(video.frames)

    def _frames(self, generator: random.Random, video: AnnotatedVideo, key: int) -> list[int]:
        if self.settings.frames == 1:
            return [key]
        near = [frame for frame in video.frames if 0 < abs(frame - key) <= self.settings.reach]
        chosen = [key, generator.choice(near or [key])]
        return sorted(chosen) if self.settings.ordered else chosen

    def _read(
        self, generator: random.Random, video: AnnotatedVideo, frame: int, shortest: int, mirrored: bool, cropped: bool
    ) -> Frame:
        full, crop = video.video, self.settings.crop
        window = draw_window(generator, full.height, full.width, crop) if cropped and crop else None
        return read_frame(full, frame, video.objects, shortest, self.settings.longest, window, mirrored)


def _sample(frames: Sequence[Frame], video: AnnotatedVideo) -> dict[str, Tensor]:
    """Stack the frames, the smaller ones padded; objects that are in none of them go."""
    height, width = (max(frame.size[axis] for frame in frames) for axis in (0, 1))
    masks = torch.stack([_grown(frame.masks, (height, width)) for frame in frames])
    visible = masks.flatten(2).any(2)
    kept = visible.any(0)
    return {
        "images": torch.stack([_grown(frame.image, (height, width)) for frame in frames]),
        "sizes": torch.tensor([frame.size for frame in frames]),
        "masks": masks[:, kept],
        "boxes": torch.stack([frame.boxes for frame in frames])[:, kept],
        "visible": visible[:, kept],
        "labels": torch.tensor([item.label for item in video.objects])[kept],
        "ids": torch.tensor([item.number for item in video.objects])[kept],
    }


def _grown(tensor: Tensor, sides: tuple[int, ...], value: int = 0) -> Tensor:
    """Pad the last axes at their ends to these lengths."""
    missing = [side - length for side, length in zip(sides, tensor.shape[tensor.dim() - len(sides) :], strict=True)]
    return F.pad(tensor, [amount for axis in reversed(missing) for amount in (0, axis)], value=value)


def _padded(side: int) -> int:
    return side + -side % STRIDE
