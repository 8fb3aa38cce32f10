"""Small clips for the tests of readers and writers: random, and drawn by hypothesis."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from instmove import masks
from instmove.masks import Rle
from instmove.video import Clip, Dataset, Track, Video

Seen = tuple[int, bool, tuple[Rle | None, ...]]
PIXEL = masks.encode(np.eye(3, dtype=bool))
"""The mask of every object of :func:`seen_video`."""


def clip_of_labels(name: str, labels: np.ndarray, ignored: Sequence[int] = ()) -> Clip:
    """A clip whose tracks are the positive ids in labels (T, H, W); category = id."""
    tracks = []
    for number in np.unique(labels[labels > 0]).tolist():
        rles = tuple(masks.encode(frame == number) if (frame == number).any() else None for frame in labels)
        tracks.append(Track(number, number, rles, number in ignored))
    shade = np.random.default_rng(0).integers(0, 255, (*labels.shape[1:], 3), dtype=np.uint8)
    return Clip(name, [np.roll(shade, t, axis=1) for t in range(len(labels))], tuple(tracks))


@st.composite
def clips(draw: st.DrawFn, name: str = "clip", ids: int = 3) -> Clip:
    """Disjoint objects that come and go: random ids in random blocks of pixels, any of them absent from any frame."""
    length, height, width = draw(st.integers(1, 4)), draw(st.integers(3, 20)), draw(st.integers(3, 20))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    labels = rng.integers(0, ids + 1, (length, height, width))
    absent = rng.random((length, ids + 1)) < 0.4
    labels[absent[np.arange(length)[:, None, None], labels]] = 0
    return clip_of_labels(name, labels)


def box_clip(name: str = "clip", length: int = 3, size: tuple[int, int] = (24, 32), objects: int = 2) -> Clip:
    """Boxes that move to the right, object n in row band n."""
    labels = np.zeros((length, *size), dtype=np.int64)
    band = size[0] // objects
    for t in range(length):
        for n in range(objects):
            labels[t, n * band + 1 : (n + 1) * band - 1, 2 + 2 * t : 10 + 2 * t] = n + 1
    return clip_of_labels(name, labels)


def with_masks(clip: Clip, *rows: tuple[Rle | None, ...]) -> Clip:
    """The clip with other masks for its tracks."""
    return replace(clip, tracks=tuple(replace(track, masks=row) for track, row in zip(clip.tracks, rows, strict=True)))


def content(tracks: Sequence[Track] | None) -> list[Seen]:
    """Tracks as plain comparable values, but for their ids."""
    assert tracks is not None
    return [(track.category, track.ignored, track.masks) for track in tracks]


def seen_video(name: str, *rows: str, ignored: str = "") -> Video:
    """A video in memory; each row is a track, x where it is visible; ignored holds the ids of ignored tracks."""
    tracks = tuple(
        Track(number, 1, tuple(PIXEL if seen == "x" else None for seen in row), str(number) in ignored)
        for number, row in enumerate(rows, start=1)
    )
    return Video(1, name, 3, 3, tuple(Path(f"{name}/{t}.jpg") for t in range(len(rows[0]))), tracks)


def memory_dataset(*videos: Video) -> Dataset:
    """A dataset of loaded videos."""
    by_name = {video.name: video for video in videos}
    return Dataset("memory", {1: "object"}, tuple(by_name), by_name.__getitem__)
