"""RLE and IoU of 720p masks, against the obvious NumPy."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.made_up import HEIGHT, WIDTH, blobs
from benchmarks.timing import Row, seconds
from instmove import masks
from instmove.masks import BoolArray

COUNT = 20


def rows() -> Iterator[Row]:
    """Encoding, decoding, reading run lengths, and both kinds of IoU."""
    frames = blobs(COUNT, HEIGHT, WIDTH)
    rles = [masks.encode(mask) for mask in frames]
    texts = [rle["counts"] for rle in rles]
    size = f"{COUNT} masks of {HEIGHT}x{WIDTH}"
    pairs = f"{COUNT}x{COUNT} pairs of {HEIGHT}x{WIDTH}"

    encoding = seconds(lambda: [masks.encode(mask) for mask in frames])
    yield Row("RLE encode", encoding, seconds(lambda: [naive_encode(mask) for mask in frames]), size)
    decoding = seconds(lambda: [masks.decode(rle) for rle in rles])
    yield Row("RLE decode", decoding, seconds(lambda: [naive_decode(text) for text in texts]), size)
    reading = seconds(lambda: [masks.run_lengths(text) for text in texts])
    yield Row("RLE run lengths", reading, seconds(lambda: [naive_run_lengths(text) for text in texts]), size)
    overlap = seconds(lambda: naive_iou(frames, frames), repeat=1)
    yield Row("IoU of RLEs", seconds(lambda: masks.rle_iou(rles, rles)), overlap, f"{pairs}; against decoded masks")
    yield Row("IoU of masks", seconds(lambda: masks.mask_iou(frames, frames)), overlap, pairs)


def naive_encode(mask: BoolArray) -> NDArray[np.int64]:
    """Run lengths in column order, background first."""
    flat = np.concatenate(([False], mask.ravel(order="F")))
    changes = np.flatnonzero(flat[1:] != flat[:-1])
    return np.diff(np.concatenate(([0], changes, [mask.size])))


def naive_decode(text: str) -> BoolArray:
    """The mask of 720p that COCO's string describes."""
    runs = naive_run_lengths(text)
    return np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(WIDTH, HEIGHT).T


def naive_run_lengths(text: str) -> list[int]:
    """COCO's compressed string character by character."""
    runs: list[int] = []
    value = shift = 0
    for character in text:
        code = ord(character) - 48
        value |= (code & 31) << shift
        shift += 5
        if code & 32:
            continue
        if code & 16:
            value -= 1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
        value = shift = 0
    return runs


def naive_iou(first: BoolArray, second: BoolArray) -> NDArray[np.float64]:
    """Pair by pair."""
    return np.array([[(a & b).sum() / (a | b).sum() for b in second] for a in first])
