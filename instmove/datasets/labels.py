"""Label PNGs of DAVIS and YouTube-VOS: one byte a pixel, the object's id, shown through a known palette."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from instmove import masks
from instmove.datasets.frames import open_png
from instmove.errors import InstMoveError
from instmove.files import atomic_path
from instmove.masks import BoolArray, Rle
from instmove.video import Track

Labels = NDArray[np.uint8]
"""Object ids, shape (height, width); 0 is background."""

VOID = 255
"""DAVIS marks pixels that no one is judged on with this id."""


def _pascal_palette() -> Labels:
    """Colours (256, 3) of the PASCAL VOC devkit (VOClabelcolormap.m): bits of the id, dealt to the channels in turn."""
    ids = np.arange(256)
    channels = [sum(((ids >> (3 * bit + channel)) & 1) << (7 - bit) for bit in range(8)) for channel in range(3)]
    return np.stack(channels, axis=1).astype(np.uint8)


def _grey_after(colours: Sequence[tuple[int, int, int]]) -> Labels:
    """A palette of these colours, then grey (i, i, i)."""
    palette = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    palette[: len(colours)] = colours
    return palette


PASCAL = _pascal_palette()
"""DAVIS 2017's colours; its own files have 191 where the formula gives 192."""
DAVIS = _grey_after([tuple(colour) for colour in PASCAL[:22].tolist()])
"""DAVIS 2017's PNGs: PASCAL's 22 classes, then grey."""
YOUTUBE = _grey_after(
    [
        (0, 0, 0),
        (236, 95, 103),
        (249, 145, 87),
        (250, 200, 99),
        (153, 199, 148),
        (98, 179, 178),
        (102, 153, 204),
        (197, 148, 197),
        (171, 121, 103),
        (255, 255, 255),
        (101, 115, 126),
    ]
)
"""YouTube-VOS's colours, as in valid/Annotations/0a49f5265b/00000.png."""
KNOWN = (PASCAL, DAVIS, YOUTUBE)


COPY = "copy the original file"


def read_ids(path: Path, height: int, width: int, if_binary: str = COPY) -> Labels:
    """Read a palette PNG of object ids; it must have the frame's size and a known palette.

    An image program that re-orders or drops the palette changes ids silently; colours tell. ``if_binary`` is what to
    do about a grey PNG of 0 and 255.
    """
    image = open_png(path)
    if image.mode != "P":
        binary = image.mode in ("L", "1") and not set(np.unique(np.asarray(image.convert("L")))) - {0, 255}
        remedy = if_binary if binary else COPY
        raise InstMoveError(f"{path}: PNG of mode {image.mode}, expected a palette PNG of object ids; {remedy}")
    labels = _sized(np.asarray(image, dtype=np.uint8), path, height, width)
    palette = np.array(image.getpalette("RGB"), dtype=np.int16).reshape(-1, 3)
    used = np.flatnonzero(np.bincount(labels.ravel(), minlength=256)[:VOID])
    if not any(_agree(palette, known, used) for known in KNOWN):
        raise InstMoveError(
            f"{path}: unknown palette; expected the one of DAVIS or YouTube-VOS, copy the original file"
        )
    return labels


def read_binary(path: Path, height: int, width: int) -> Labels:
    """Read a 0/255 PNG (255 is the object) as ids 0 and 1; it must have the frame's size.

    Grey may have three equal channels and an alpha channel that says nothing: DAVIS 2016's bear/00077.png has.
    """
    image = open_png(path)
    opaque = image.convert({"1": "L", "LA": "L", "RGBA": "RGB"}.get(image.mode, image.mode))
    grey, *others = [np.asarray(band) for band in opaque.split()]
    if opaque.mode not in ("L", "RGB") or any((band != grey).any() for band in others):
        raise InstMoveError(
            f"{path}: PNG of mode {image.mode}, expected grey 0/255 (palette ids need mask_values: ids)"
        )
    values = _sized(grey, path, height, width)
    strange = values[(values != 0) & (values != 255)]
    if strange.size:
        raise InstMoveError(f"{path}: value {strange[0]} in a 0/255 mask; check mask_values or copy the original file")
    return (values == 255).astype(np.uint8)


def _agree(palette: NDArray[np.int16], known: Labels, used: NDArray[np.int64]) -> bool:
    """Whether the used ids have the known colours; files differ from the formula by one (191, 192)."""
    if used.size and used[-1] >= len(palette):
        return False
    return bool((np.abs(palette[used] - known[used].astype(np.int16)) <= 1).all())


def _sized(labels: Labels, path: Path, height: int, width: int) -> Labels:
    if labels.shape != (height, width):
        found = "x".join(map(str, labels.shape))
        raise InstMoveError(f"{path}: mask is {found}, its frame is {height}x{width}; copy the original file")
    return labels


def write_ids(path: Path, labels: Labels, palette: Labels) -> None:
    """Write object ids as a palette PNG."""
    image = Pillow.fromarray(labels)
    image.putpalette(palette.tobytes())
    with atomic_path(path) as temporary:
        image.save(temporary)


def write_binary(path: Path, mask: BoolArray) -> None:
    """Write a mask as a grey PNG of 0 and 255."""
    with atomic_path(path) as temporary:
        Pillow.fromarray(mask.astype(np.uint8) * 255).save(temporary)


def paint(tracks: Sequence[Track], frame: int, height: int, width: int) -> Labels:
    """The ids of all tracks in one frame, ignored ones as void; ValueError where two overlap or an id is not 1-254."""
    labels = np.zeros((height, width), dtype=np.uint8)
    for track in tracks:
        mask = track.mask(frame)
        if mask is None:
            continue
        if not 0 < track.id < VOID and not track.ignored:
            raise ValueError(f"track id {track.id} is not one of 1 to {VOID - 1}")
        if labels[mask].any():
            raise ValueError(f"track {track.id} overlaps another in frame {frame}")
        labels[mask] = VOID if track.ignored else track.id
    return labels


def split_ids(labels: Mapping[int, Labels], frames: int) -> dict[int, tuple[Rle | None, ...]]:
    """Masks of every id over a video of ``frames`` frames from the labels of some of them, by id."""
    found: dict[int, list[Rle | None]] = {}
    for frame, ids in labels.items():
        for number in np.flatnonzero(np.bincount(ids.ravel())[1:]) + 1:
            found.setdefault(int(number), [None] * frames)[frame] = masks.encode(ids == number)
    return {number: tuple(found[number]) for number in sorted(found)}
