"""Benchmarks as large as the real ones, without their pixels: real numbers of videos, frames and objects.

Masks are made up. Other frames are hard links to one JPEG, so that what reads headers or frames can be measured, too.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.made_up import CATEGORIES, blobs
from instmove import masks
from instmove.datasets.bdd100k import write_rles
from instmove.datasets.frames import write_jpegs
from instmove.datasets.ytvis import OVIS_FRAMES, ClipHeader, write_annotations
from instmove.files import write_json
from instmove.masks import Rle
from instmove.video import Clip, Track

OVIS_SIZE, HD = (1080, 1920), (720, 1280)
OVIS = {"train": 607, "valid": 140}
OVIS_FRAMES_MEAN, OVIS_LONGEST = 69.5, 500
"""901 videos have 296k masks of 5,223 instances and last 12.77 s on average, every fifth frame annotated."""
OVIS_OBJECTS, SEEN = 5.8, 0.82
"""Instances a video, and the share of its frames in which one has a mask: 296k / (5,223 * 69.5)."""
BDD = {"train": 154, "val": 32}
BDD_FRAMES, BDD_OBJECTS = 200, 12
YTVOS = {"train": 3471, "valid": 507}
YTVOS_FRAMES = 27


def write_all(root: Path) -> None:
    """OVIS, BDD100K MOTS (labels as RLE) and YouTube-VOS (no frame, no mask) where config/paper.yaml looks for them."""
    pictures = {size: _picture(root, size) for size in (OVIS_SIZE, HD)}
    for part in OVIS:
        _write_ovis(root / "ovis", part, pictures[OVIS_SIZE])
    for part in BDD:
        _write_bdd(root / "bdd100k", part, pictures[HD])
    for part in YTVOS:
        _write_ytvos(root / "YouTube", part)


def lengths(videos: int) -> list[int]:
    """Frames of each video: log-normal around OVIS's mean, the longest as long as OVIS's."""
    drawn = np.random.default_rng(videos).lognormal(0, 0.6, videos)
    scaled = np.clip(drawn / drawn.mean() * OVIS_FRAMES_MEAN, 5, OVIS_LONGEST)
    scaled[0] = OVIS_LONGEST
    return [round(length) for length in scaled.tolist()]


def _write_ovis(root: Path, part: str, picture: Path) -> None:
    rles = [masks.encode(mask) for mask in blobs(40, *OVIS_SIZE)]
    generator = np.random.default_rng(len(part))
    headers = []
    for video, frames in enumerate(lengths(OVIS[part])):
        name = f"{video:08x}"
        names = OVIS_FRAMES(frames)
        _link(root / part / name, names, picture)
        tracks = tuple(_tracks(generator, rles, frames)) if part == "train" else ()
        headers.append(ClipHeader(name, *OVIS_SIZE, tuple(f"{name}/{frame}" for frame in names), tracks))
    write_annotations(root / f"annotations_{part}.json", headers, CATEGORIES, withheld=part != "train")


def _tracks(generator: np.random.Generator, rles: list[Rle], frames: int) -> Iterator[Track]:
    for number in range(1, 1 + max(1, generator.poisson(OVIS_OBJECTS))):
        seen = generator.random(frames) < SEEN
        seen[0] = True
        shown = [
            rles[int(k)] if there else None for k, there in zip(generator.integers(40, size=frames), seen, strict=True)
        ]
        yield Track(number, int(generator.integers(1, 26)), tuple(shown))


def _write_bdd(root: Path, part: str, picture: Path) -> None:
    rles = [masks.encode(mask) for mask in blobs(40, *HD)]
    for video in range(BDD[part]):
        name = f"{video:08x}-{video:08x}"
        names = [f"{name}-{frame:07d}.jpg" for frame in range(1, 1 + BDD_FRAMES)]
        _link(root / "images/seg_track_20" / part / name, names, picture)
        tracks = [
            Track(number, 1 + number % 8, tuple(rles[(7 * number + t) % 40] for t in range(BDD_FRAMES)))
            for number in range(1, 1 + BDD_OBJECTS)
        ]
        write_rles(root / "labels/seg_track_20/rles" / part / f"{name}.json", name, names, tracks)


def _write_ytvos(root: Path, part: str) -> None:
    seen = [f"{5 * frame:05d}" for frame in range(YTVOS_FRAMES)]
    described = {}
    for video in range(YTVOS[part]):
        folder = f"{video:010x}"
        for kind in ("JPEGImages", "Annotations"):
            (root / part / kind / folder).mkdir(parents=True)
        described[folder] = {"objects": {"1": {"category": f"kind {video % 94}", "frames": seen}}}
    write_json(root / part / "meta.json", {"videos": described}, indent=None)


def _picture(root: Path, size: tuple[int, int]) -> Path:
    """A frame with some texture."""
    noise = np.random.default_rng(0).integers(0, 256, (size[0] // 8, size[1] // 8, 3), dtype=np.uint8)
    write_jpegs(root / "pictures", Clip("picture", [noise.repeat(8, 0).repeat(8, 1)], ()), [f"{size[0]}.jpg"])
    return root / "pictures" / f"{size[0]}.jpg"


def _link(folder: Path, names: list[str], picture: Path) -> None:
    folder.mkdir(parents=True)
    for name in names:
        os.link(picture, folder / name)


if __name__ == "__main__":
    write_all(Path(sys.argv[1]))
