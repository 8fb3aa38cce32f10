"""Binary masks: COCO run-length encoding, boxes, overlap, resizing."""

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from instmove.errors import InstMoveError

BoolArray = NDArray[np.bool_]


class Rle(TypedDict):
    """A compressed COCO run-length encoding: ``size`` is [height, width], ``counts`` the compressed string."""

    size: list[int]
    counts: str


def encode(mask: BoolArray) -> Rle:
    """Run-length encode a boolean mask of shape (height, width)."""
    rle = coco.encode(np.asfortranarray(mask, dtype=np.uint8))
    return {"size": [int(n) for n in rle["size"]], "counts": rle["counts"].decode("ascii")}


def decode(rle: Rle) -> BoolArray:
    """Decode to a boolean mask (height, width); the encoding must be valid (see :func:`check`)."""
    return coco.decode(rle).view(np.bool_)


def decode_box(rle: Rle, rows: slice, columns: slice) -> BoolArray:
    """Part of a mask, transposed: (columns, rows). Costs what the part costs, not what the frame does."""
    height = rle["size"][0]
    first, last = columns.start * height, columns.stop * height
    ends = np.clip(np.cumsum(run_lengths(rle["counts"])), first, last)
    lengths = ends - np.concatenate(([first], ends[:-1]))
    return np.repeat(np.arange(len(ends)) % 2 == 1, lengths).reshape(-1, height)[:, rows]


def run_lengths(counts: str) -> NDArray[np.int64]:
    """The run lengths in a compressed COCO string, background first; ValueError if it is not one.

    Format (pycocotools common/maskApi.c, rleFrString): each number is split into 5-bit groups, low first,
    one character a group (value + 48, bit 5 set when more follow), sign-extended; from the fourth number on
    the difference to the number two before is stored.
    """
    codes = np.frombuffer(counts.encode("ascii"), dtype=np.uint8).astype(np.int64) - 48
    if codes.size == 0 or codes.min() < 0 or codes.max() > 63:
        raise ValueError("characters outside the COCO alphabet")
    ends = np.flatnonzero((codes & 32) == 0)
    if ends.size == 0 or ends[-1] != codes.size - 1:
        raise ValueError("it stops in the middle of a number")
    starts = np.concatenate(([0], ends[:-1] + 1))
    if (ends - starts).max() > 7:
        raise ValueError("a number is too long")
    position = np.arange(codes.size) - np.repeat(starts, ends - starts + 1)
    numbers = np.add.reduceat((codes & 31) << (5 * position), starts)
    numbers -= np.where(codes[ends] & 16, np.left_shift(1, 5 * (ends - starts + 1)), 0)
    if numbers.size > 3:  # undo the differences: runs 1, 3, 5, ... and 2, 4, 6, ... are two cumulative sums
        numbers[1::2] = np.cumsum(numbers[1::2])
        numbers[2::2] = np.cumsum(numbers[2::2])
    return numbers


def check(rle: Rle, height: int, width: int, where: str) -> Rle:
    """Return ``rle`` if it is a valid encoding of a (height, width) mask, else raise an error that names ``where``."""
    if list(rle["size"]) != [height, width]:
        raise InstMoveError(f"{where}: mask of size {list(rle['size'])} in a frame of [{height}, {width}]")
    try:
        runs = run_lengths(rle["counts"])
    except (ValueError, OverflowError) as error:
        raise InstMoveError(f"{where}: broken RLE, {error}") from None
    if runs.min() < 0 or runs.sum() != height * width:
        raise InstMoveError(f"{where}: broken RLE, its runs cover {runs.sum()} of {height * width} pixels")
    return rle


def area(rle: Rle) -> int:
    """Number of foreground pixels."""
    return int(coco.area(rle))


def box_of_rle(rle: Rle) -> tuple[float, float, float, float]:
    """Tight box as (x, y, width, height) in pixels; all zeros for an empty mask."""
    x, y, width, height = coco.toBbox(rle).tolist()
    return x, y, width, height


def box_of_mask(mask: BoolArray) -> tuple[int, int, int, int] | None:
    """Tight box (x0, y0, x1, y1), right and bottom exclusive; None for an empty mask."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if rows.size == 0:
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def rle_iou(first: Sequence[Rle], second: Sequence[Rle]) -> NDArray[np.float64]:
    """Pairwise intersection over union, shape (len(first), len(second)); empty against empty is 0."""
    if not first or not second:
        return np.zeros((len(first), len(second)))
    return coco.iou(list(first), list(second), [False] * len(second))


def disjoint(rles: Sequence[Rle]) -> list[Rle]:
    """The masks without the pixels that an earlier one has."""
    covered: Rle | None = None
    kept = []
    for rle in rles:
        own = rle
        if covered is not None and coco.area(coco.merge([covered, rle], intersect=True)):
            own = encode(decode(rle) & ~decode(covered))
        kept.append(own)
        covered = rle if covered is None else coco.merge([covered, rle])
    return kept


def mask_iou(first: BoolArray, second: BoolArray, smooth: float = 0.0) -> NDArray[np.float64]:
    """Pairwise IoU of masks (K, H, W) and (N, H, W) as a (K, N) matrix; empty against empty is 0.

    ``smooth`` is added to intersections and unions: with it empty against empty is 1.
    """
    pixels = first[:1].size or second[:1].size
    a = first.reshape(len(first), pixels).astype(np.float32)
    b = second.reshape(len(second), pixels).astype(np.float32)
    intersection = (a @ b.T).astype(np.float64)
    union = a.sum(axis=1, dtype=np.float64)[:, None] + b.sum(axis=1, dtype=np.float64)[None] - intersection
    intersection, union = intersection + smooth, union + smooth
    return np.divide(intersection, union, out=np.zeros_like(intersection), where=union > 0)


def grid_size(height: int, width: int, longest: int) -> tuple[int, int]:
    """Size of a frame scaled so that its longest side is ``longest`` (never below one pixel)."""
    scale = longest / max(height, width)
    return max(1, round(height * scale)), max(1, round(width * scale))


def resize_nearest(masks: BoolArray, height: int, width: int) -> BoolArray:
    """Nearest-neighbour resize of (..., H, W); index floor(i * H / height), exact where torch's ``nearest`` rounds."""
    rows = np.arange(height) * masks.shape[-2] // height
    columns = np.arange(width) * masks.shape[-1] // width
    return masks[..., rows[:, None], columns[None, :]]
