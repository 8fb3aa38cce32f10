"""Masks of boxes in the frames that the boxes are in."""

import math
from collections.abc import Iterator

import numpy as np

from baselines.interface import Float32, Matrix
from instmove.masks import BoolArray, Rle, encode


def frame_masks(logits: Float32, boxes: Float32, height: int, width: int) -> BoolArray:
    """Masks (N, height, width) from logits (N, s, s) that cover boxes (N, 4: x1, y1, x2, y2 in pixels)."""
    masks = np.zeros((len(boxes), height, width), dtype=bool)
    for row, mask in enumerate(_each(logits, boxes, height, width)):
        masks[row] = mask
    return masks


def frame_rles(logits: Float32, boxes: Float32, height: int, width: int) -> tuple[Rle, ...]:
    """:func:`frame_masks`, run-length encoded."""
    return tuple(encode(mask) for mask in _each(logits, boxes, height, width))


def rescaled(boxes: Float32, before: tuple[int, int], after: tuple[int, int]) -> Float32:
    """Boxes (N, 4) in a frame of one height and width as they are in one of another."""
    factors = np.array([after[1] / before[1], after[0] / before[0]] * 2, dtype=np.float32)
    return boxes * factors


def _each(logits: Float32, boxes: Float32, height: int, width: int) -> Iterator[BoolArray]:
    probabilities = 1 / (1 + np.exp(-logits))
    for probability, box in zip(probabilities, boxes, strict=True):
        yield _pasted(probability, box, height, width)


def _pasted(probability: Float32, box: Float32, height: int, width: int) -> BoolArray:
    """Where the map, resized bilinearly to its box, is 0.5 or more at the centre of a pixel; zero outside of the map.

    SysCV/pcan@281e3a7 pcan/models/roi_heads/mask_heads/fcn_mask_head_plus.py:36-108.
    """
    mask = np.zeros((height, width), dtype=bool)
    x0, y0, x1, y1 = box.tolist()
    columns, across = _resizing(x0, x1, probability.shape[1], width)
    rows, down = _resizing(y0, y1, probability.shape[0], height)
    mask[rows, columns] = down @ probability @ across.T >= 0.5
    return mask


def _resizing(start: float, end: float, cells: int, limit: int) -> tuple[slice, Matrix]:
    """The pixels (P) of an interval along one axis, and the weights (P, cells) of the map's cells in each."""
    first, last = max(math.floor(start), 0), min(math.ceil(end), limit) if end > start else 0
    centres = np.arange(first, last) + 0.5
    places = (centres - start) / (end - start) * cells - 0.5
    weights = 1 - np.abs(places[:, None] - np.arange(cells))
    return slice(first, first + len(centres)), weights.clip(min=0)
