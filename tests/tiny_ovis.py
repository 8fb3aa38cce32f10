"""A tiny OVIS under a data root, where the setup ``mini`` looks for its training part."""

from pathlib import Path

import numpy as np

from instmove import masks
from instmove.datasets.ytvis import OVIS_FRAMES, write_annotations, write_clip_frames
from instmove.masks import Rle
from instmove.video import Clip, Track

HEIGHT, WIDTH = 24, 32
ANNOTATIONS = "ovis/annotations_train.json"
FRAMES = "ovis/train"
NAMES = ("ant", "bee", "cow", "dog", "elk", "fox", "gnu", "hen", "ibis", "jay")


def write_tiny_ovis(root: Path, frames: int = 7) -> None:
    """Ten videos of two boxes that move to the right; the second is out of sight in every fifth frame."""
    headers = [write_clip_frames(root / FRAMES, _clip(name, frames), OVIS_FRAMES) for name in NAMES]
    write_annotations(root / ANNOTATIONS, headers, {1: "animal", 2: "plant"})


def write_withheld_ovis(root: Path) -> None:
    """A validation part of one video without ground truth, as OVIS's, where the setups look for it."""
    header = write_clip_frames(root / "ovis/valid", _clip("kid", 7), OVIS_FRAMES)
    write_annotations(root / "ovis/annotations_valid.json", [header], {1: "animal", 2: "plant"}, withheld=True)


def _clip(name: str, frames: int) -> Clip:
    seen = Track(1, 1, tuple(_box(2 + 2 * t, 3) for t in range(frames)))
    leaving = Track(2, 2, tuple(_box(4 + t, 13) if t % 5 else None for t in range(frames)))
    images = [np.full((HEIGHT, WIDTH, 3), 20 * t, dtype=np.uint8) for t in range(frames)]
    return Clip(name, images, (seen, leaving))


def _box(x: int, y: int) -> Rle:
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    mask[y : y + 8, x : x + 8] = True
    return masks.encode(mask)
