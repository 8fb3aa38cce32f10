"""J and F from boundary pixels on crops against the official functions on full frames."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from segmetric.metrics import db_eval_boundary, db_eval_iou

from benchmarks.made_up import blobs
from benchmarks.timing import Row, seconds
from instmove import masks
from instmove.config import ROOT
from instmove.masks import BoolArray, Rle, resize_nearest
from instmove.metrics.vos import score_sequence
from instmove.video import Track, Video

HEIGHT, WIDTH, FRAMES = 480, 854, 40
REAL = ROOT / "tests" / "reference" / "davis" / "multi"
"""Real masks and real predictions at half of DAVIS's size, several objects a frame."""

Masks = Sequence[BoolArray]


def rows() -> Iterator[Row]:
    """Objects of DAVIS's size, decoding included on both sides."""
    drawn = blobs(FRAMES, HEIGHT, WIDTH)
    shifted = [np.roll(mask, (3, 5), (0, 1)) for mask in drawn]
    yield _row("J and F, small objects", drawn, shifted)
    truth, found = _real_objects()
    yield _row("J and F, real objects", truth, found)


def _row(name: str, truth: Masks, found: Masks) -> Row:
    """One object in all these frames; the first and the last are not scored."""
    height, width = truth[0].shape
    first, second = ([masks.encode(mask) for mask in part] for part in (truth, found))
    video = Video(1, "video", height, width, (Path(),) * len(first), (Track(1, 1, tuple(first)),))
    ours = seconds(lambda: score_sequence(video, {1: second}, "davis"))
    note = f"{len(first)} frames of {height}x{width}; against full frames"
    return Row(name, ours, seconds(lambda: _official(first, second)), note)


def _official(truth: Sequence[Rle], found: Sequence[Rle]) -> None:
    for pair in list(zip(truth, found, strict=True))[1:-1]:
        first, second = (masks.decode(rle) for rle in pair)
        db_eval_iou(first, second)
        db_eval_boundary(first, second)


def _real_objects() -> tuple[list[BoolArray], list[BoolArray]]:
    """The objects of every third frame of the sequences whose frames are of DAVIS's usual size, enlarged to it."""
    truth, found = [], []
    for path in sorted((REAL / "Annotations" / "480p").glob("*/*.png"))[::3]:
        theirs, ours = _labels(path), _labels(REAL / "res_semi" / path.parent.name / path.name)
        if theirs.shape == (HEIGHT // 2, WIDTH // 2):
            for number in np.unique(theirs[theirs > 0]):
                truth.append(resize_nearest(theirs == number, HEIGHT, WIDTH))
                found.append(resize_nearest(ours == number, HEIGHT, WIDTH))
    return truth, found


def _labels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)
