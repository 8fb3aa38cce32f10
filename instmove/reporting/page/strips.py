"""Filmstrips as small pictures: frames side by side, identities as colours, switches in red boxes."""

from collections.abc import Mapping, Sequence, Set
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from instmove import masks
from instmove.files import atomic_path
from instmove.masks import BoolArray, Rle
from instmove.reporting.figures import colour
from instmove.reporting.identity import HeldTrack, drawn_in, identity_colours, standing, switched_in, switches
from instmove.video import Image, Track, Video

TILE = 160
"""Width of a frame in a strip, in pixels."""
GAP = 2
QUALITY = 55
"""Of WebP: a strip of six frames is some ten kilobytes."""
SWITCH = (255, 0, 0)


def draw_strip(
    video: Video, tracks: Sequence[HeldTrack], truths: Sequence[Track], images: Mapping[int, Image]
) -> Image:
    """The frames in ``images`` side by side; each object is tinted in the colour of the track that stands for it."""
    stood = standing(tracks, len(video))
    colours, switched = identity_colours(stood, truths), switches(stood)
    tiles = [
        _tile(image, drawn_in(frame, tracks, stood), colours, switched_in(frame, switched), _size(video))
        for frame, image in images.items()
    ]
    gap = np.full((tiles[0].shape[0], GAP, 3), 255, dtype=np.uint8)
    parts = [part for tile in tiles for part in (tile, gap)]
    return np.concatenate(parts[:-1], axis=1)


def write_picture(path: Path, picture: Image) -> None:
    """Write a picture as WebP; equal pictures are equal bytes."""
    from PIL import Image as Pillow

    with atomic_path(path) as temporary:
        Pillow.fromarray(picture).save(temporary, quality=QUALITY, method=4)


def _size(video: Video) -> tuple[int, int]:
    """Height and width of a tile."""
    return max(1, round(video.height * TILE / video.width)), TILE


def _tile(
    image: Image, drawn: Mapping[int, Rle], colours: Mapping[int, int], boxed: Set[int], size: tuple[int, int]
) -> Image:
    import cv2

    shown = cv2.resize(image, size[::-1], interpolation=cv2.INTER_AREA).astype(np.float64)
    for number, rle in drawn.items():
        mask = masks.resize_nearest(masks.decode(rle), *size)
        shade = _rgb(colour(colours[number]))
        shown[mask] = 0.5 * shown[mask] + 0.5 * shade
        shown[_outline(mask)] = shade
        if number in boxed:
            _box(shown, mask)
    return shown.round().astype(np.uint8)


def _rgb(shade: str) -> NDArray[np.float64]:
    from matplotlib.colors import to_rgb

    return 255 * np.array(to_rgb(shade))


def _outline(mask: BoolArray) -> BoolArray:
    """The pixels of a mask that have a neighbour outside of it."""
    inner = np.zeros_like(mask)
    inner[1:-1, 1:-1] = mask[1:-1, 1:-1] & mask[:-2, 1:-1] & mask[2:, 1:-1] & mask[1:-1, :-2] & mask[1:-1, 2:]
    return mask & ~inner


def _box(shown: NDArray[np.float64], mask: BoolArray) -> None:
    """A red frame, two pixels wide, around a mask."""
    box = masks.box_of_mask(mask)
    if box is not None:
        x0, y0, x1, y1 = box
        inside = np.zeros(mask.shape, dtype=bool)
        inside[max(0, y0 - 1) : y1 + 1, max(0, x0 - 1) : x1 + 1] = True
        frame = np.zeros_like(inside)
        frame[max(0, y0 - 3) : y1 + 3, max(0, x0 - 3) : x1 + 3] = True
        shown[frame & ~inside] = SWITCH
