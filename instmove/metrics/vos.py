"""J (region) and F (boundary) on crops, several times faster than the official functions and equal to them.

Those are the functions of davis2017-evaluation, in the distribution ``esdft-segmetric``.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from instmove import masks
from instmove.masks import BoolArray, Rle
from instmove.video import Video

BOUNDARY = 0.008
"""Tolerance of F as a share of the frame's diagonal (davis2017-evaluation@ac7c43f davis2017/metrics.py:40)."""

Protocol = Literal["davis", "ytvos"]
"""Which objects and frames are scored, and how they are averaged."""
Masks = Sequence[Rle | None]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class ObjectScores:
    """J and F of one object in its scored frames, each (n,) in [0, 1]."""

    sequence: str
    object: int
    category: int
    frames: tuple[int, ...]
    j: NDArray[np.float64]
    f: NDArray[np.float64]


@dataclass(frozen=True)
class Summary:
    """Mean, recall (share of frames above 0.5) and decay (first quarter minus last) of one measure."""

    mean: float
    recall: float
    decay: float


def score_sequence(truth: Video, predicted: Mapping[int, Masks], protocol: Protocol) -> list[ObjectScores]:
    """J and F of every object of a sequence; ``predicted`` holds masks by object id, a missing object scores as empty.

    ``davis``: the objects of the first frame, without the first and the last frame (evaluation.py:84-85); pixels of
    ignored tracks (void) count as background, as in the semi-supervised protocol (:90). ``ytvos``: every object from
    the frame after its first to the last frame that is annotated (which frames the server scores is not public).
    """
    nothing: Masks = [None] * len(truth)
    scored = []
    for track in truth.tracks or ():
        frames = scored_frames(track.visible(), len(truth), protocol)
        if track.ignored or not frames:
            continue
        found = predicted.get(track.id, nothing)
        pairs = [_score_frame(track.masks[t], found[t], truth.height, truth.width) for t in frames]
        j, f = np.array(pairs, dtype=np.float64).T
        scored.append(ObjectScores(truth.name, track.id, track.category, frames, j, f))
    return scored


def scored_frames(visible: Sequence[int], length: int, protocol: Protocol) -> tuple[int, ...]:
    """Frames in which an object is judged that is visible in these of ``length`` frames."""
    if not visible:
        return ()
    if protocol == "davis":
        return tuple(range(1, length - 1)) if visible[0] == 0 else ()
    return tuple(range(visible[0] + 1, length))


def tolerance(height: int, width: int) -> int:
    """How many pixels apart two boundaries may be (davis2017/metrics.py:77-78)."""
    return math.ceil(BOUNDARY * float(np.linalg.norm((height, width))))


def _score_frame(truth: Rle | None, found: Rle | None, height: int, width: int) -> tuple[float, float]:
    box = _union_box([rle for rle in (truth, found) if rle is not None and masks.area(rle) > 0], height, width)
    if box is None:
        return 1.0, 1.0
    first, second = _crop(truth, *box), _crop(found, *box)
    return region_j(first, second), boundary_f(first, second, tolerance(height, width))


def region_j(truth: BoolArray, found: BoolArray) -> float:
    """J: intersection over union, 1 for two empty masks; equal to db_eval_iou (davis2017/metrics.py:6-37)."""
    union = np.count_nonzero(truth | found)
    return np.count_nonzero(truth & found) / union if union else 1.0


def boundary_f(truth: BoolArray, found: BoolArray, reach: int) -> float:
    """F of two masks (h, w): harmonic mean of the shares of either boundary within ``reach`` pixels of the other.

    Equal to db_eval_boundary (davis2017-evaluation@ac7c43f davis2017/metrics.py:40-119), which dilates the boundaries
    with a disk; here only boundary pixels look for the other boundary in their disk, which is several times faster.
    """
    stride = truth.shape[1] + 2 * reach  # wider than a row, so that no disk reaches from one row into the next
    theirs, ours = (_places(boundary(mask), stride) for mask in (truth, found))
    if not theirs.size or not ours.size:
        return float(theirs.size == ours.size)
    precision, recall = _share_near(ours, theirs, reach, stride), _share_near(theirs, ours, reach, stride)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _places(edge: BoolArray, stride: int) -> IntArray:
    """Pixels of an edge as row times ``stride`` plus column, in order."""
    rows, columns = np.divmod(np.flatnonzero(edge), edge.shape[1])
    return rows * stride + columns


def boundary(mask: BoolArray) -> BoolArray:
    """Pixels that differ from their right, lower or lower right neighbour (seg2bmap, davis2017/metrics.py:122-178)."""
    edge = np.zeros_like(mask)
    edge[:, :-1] |= mask[:, :-1] ^ mask[:, 1:]
    edge[:-1] |= mask[:-1] ^ mask[1:]
    edge[:-1, :-1] |= mask[:-1, :-1] ^ mask[1:, 1:]
    return edge


def _share_near(edge: IntArray, other: IntArray, reach: int, stride: int) -> float:
    """Share of the pixels of an edge in whose disk of radius ``reach`` there is one of another edge.

    A row of the disk is a range of places; pixels that are near are not looked at again.
    """
    left = edge
    for shift in sorted(range(-reach, reach + 1), key=abs):
        half = math.isqrt(reach**2 - shift**2)
        start = left + shift * stride - half
        next_other = other[np.minimum(np.searchsorted(other, start), len(other) - 1)]
        left = left[(next_other < start) | (next_other > start + 2 * half)]
    return 1 - len(left) / len(edge)


def _union_box(rles: Sequence[Rle], height: int, width: int) -> tuple[slice, slice] | None:
    """The box around all of them and a pixel more where the frame has one: boundaries lie half a pixel outside.

    Both boundaries are inside, so nothing beyond the box can be near one.
    """
    if not rles:
        return None
    boxes = np.array([masks.box_of_rle(rle) for rle in rles])
    left, top = boxes[:, :2].min(axis=0).astype(int)
    right, bottom = (boxes[:, :2] + boxes[:, 2:]).max(axis=0).astype(int)
    rows = slice(max(int(top) - 1, 0), min(int(bottom) + 1, height))
    return rows, slice(max(int(left) - 1, 0), min(int(right) + 1, width))


def _crop(rle: Rle | None, rows: slice, columns: slice) -> BoolArray:
    """Transposed, as it is stored; neither measure knows rows from columns."""
    if rle is None:
        return np.zeros((columns.stop - columns.start, rows.stop - rows.start), dtype=bool)
    return masks.decode_box(rle, rows, columns)


def summarise(values: NDArray[np.float64]) -> Summary:
    """Mean, recall and decay of one object's measure (davis2017/utils.py:135-161)."""
    from segmetric.utils import db_statistics

    return Summary(*(float(value) for value in db_statistics(values)))
