"""Made-up masks and annotations of the size of real ones."""

from pathlib import Path

import cv2
import numpy as np

from instmove import masks
from instmove.datasets.ytvis import OVIS_FRAMES, ClipHeader, write_annotations
from instmove.masks import BoolArray, Rle
from instmove.video import Track

HEIGHT, WIDTH = 720, 1280
CATEGORIES = {number: f"category {number}" for number in range(1, 26)}


def blobs(count: int, height: int, width: int) -> BoolArray:
    """Masks (count, height, width) of objects with ragged outlines, a few per cent of the frame each."""
    generator = np.random.default_rng(0)
    y, x = np.mgrid[:height, :width]
    made = np.empty((count, height, width), dtype=bool)
    for mask in made:
        noise = cv2.resize(generator.standard_normal((height // 20, width // 20)), (width, height))
        top, left = generator.uniform(0.2, 0.8, 2) * (height, width)
        distance = np.hypot(y - top, x - left) / (0.15 * height)
        mask[:] = distance + 0.15 * noise < 1
    return made


def write_ovis_like(path: Path, videos: int, frames: int, tracks: int) -> None:
    """An annotation file with a mask for every track and frame; 607 videos with 70 frames and 6 tracks are OVIS."""
    rles: list[Rle] = [masks.encode(mask) for mask in blobs(40, HEIGHT, WIDTH)]
    headers = []
    for video in range(videos):
        name = f"video{video:04d}"
        listed = tuple(
            Track(track, 1 + track % 25, tuple(rles[(7 * video + 3 * track + t) % 40] for t in range(frames)))
            for track in range(tracks)
        )
        names = tuple(f"{name}/{frame}" for frame in OVIS_FRAMES(frames))
        headers.append(ClipHeader(name, HEIGHT, WIDTH, names, listed))
    write_annotations(path, headers, CATEGORIES)
