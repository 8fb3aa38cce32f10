"""Reading an OVIS-like annotation file through its index, against loading the whole JSON; decoding frames."""

import json
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from PIL import Image as Pillow

from benchmarks.made_up import HEIGHT, WIDTH, blobs, write_ovis_like
from benchmarks.timing import Row, seconds
from instmove.datasets.frames import write_jpegs
from instmove.datasets.ytvis import open_ytvis
from instmove.video import Clip, Video

VIDEOS, FRAMES, TRACKS = 60, 60, 6
DECODED = 10


def rows() -> Iterator[Row]:
    """Making the index, and loading through it one video and all (which checks every RLE); and frames of 720p."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "annotations.json"
        write_ovis_like(source, VIDEOS, FRAMES, TRACKS)
        yield from annotation_rows(source)
        yield frame_row(Path(folder))


def annotation_rows(source: Path) -> Iterator[Row]:
    """Time, and the memory that Python's objects take at most."""
    whole = partial(load_whole, source)
    against, most = seconds(whole), peak_megabytes(whole)
    size = f"JSON of {source.stat().st_size / 1e6:.0f} MB, against json.load"
    works = {
        "first open, makes the index": make_index,
        "later open, one video": load_one,
        "later open, all videos": load_all,
    }
    for name, work in works.items():
        ours, memory = seconds(partial(work, source), repeat=1), peak_megabytes(partial(work, source))
        yield Row(f"annotations, {name}", ours, against, f"{size}; {memory:.1f} MB of memory against {most:.1f}")


def peak_megabytes(work: Callable[[], object]) -> float:
    """Most memory that Python has allocated during ``work``."""
    tracemalloc.start()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 1e6


def load_whole(source: Path) -> object:
    with source.open(encoding="utf-8") as handle:
        return json.load(handle)


def make_index(source: Path) -> None:
    for index in source.parent.glob(".*.index"):
        index.unlink()
    open_ytvis("ovis", source, source.parent)


def load_one(source: Path) -> None:
    dataset = open_ytvis("ovis", source, source.parent)
    dataset.load(dataset.names[0])


def load_all(source: Path) -> None:
    for _ in open_ytvis("ovis", source, source.parent):
        pass


def frame_row(folder: Path) -> Row:
    """JPEG frames, against Pillow."""
    cv2.setNumThreads(1)
    texture = np.random.default_rng(0).integers(0, 255, (HEIGHT // 8, WIDTH // 8, 3), dtype=np.uint8)
    image = cv2.resize(texture, (WIDTH, HEIGHT)).astype(np.uint8)
    image[blobs(1, HEIGHT, WIDTH)[0]] = 200
    names = [f"{t}.jpg" for t in range(DECODED)]
    write_jpegs(folder, Clip("clip", [image] * DECODED, ()), names)
    video = Video(1, "clip", HEIGHT, WIDTH, tuple(folder / name for name in names), None)
    ours = seconds(lambda: [video.image(t) for t in range(DECODED)])
    against = seconds(lambda: [np.asarray(Pillow.open(path).convert("RGB")) for path in video.frames])
    note = f"{DECODED / ours:.0f} JPEGs of {HEIGHT}x{WIDTH} a second; against Pillow"
    return Row(f"frames, {DECODED} decoded", ours, against, note)
