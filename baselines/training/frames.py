"""One frame and its objects as a training sample sees them: cut, resized, mirrored."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from baselines.layers.images import resized, scaled_size
from baselines.training.annotated import AnnotatedObject
from instmove.masks import BoolArray, box_of_mask
from instmove.video import Image, Video

Window = tuple[slice, slice]
"""Rows and columns of a frame that are kept."""


@dataclass(frozen=True)
class Frame:
    """An RGB image (3, h, w) of bytes, the masks (N, h, w) of all objects of its video, and their boxes (N, 4)."""

    image: Tensor
    masks: Tensor
    boxes: Tensor

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        height, width = self.image.shape[1:]
        return height, width


def draw_window(generator: random.Random, height: int, width: int, sides: Sequence[int]) -> Window:
    """A window whose sides are drawn between these two lengths, or are the frame's own where that is shorter.

    facebookresearch/detectron2@02b5c4e detectron2/data/transforms/augmentation_impl.py, RandomCrop absolute_range.
    """
    smallest, largest = sides
    rows = generator.randint(min(height, smallest), min(height, largest))
    columns = generator.randint(min(width, smallest), min(width, largest))
    top, left = generator.randint(0, height - rows), generator.randint(0, width - columns)
    return slice(top, top + rows), slice(left, left + columns)


def read_frame(
    video: Video,
    frame: int,
    objects: Sequence[AnnotatedObject],
    shortest: int,
    longest: int,
    window: Window | None,
    mirrored: bool,
) -> Frame:
    """Read a frame and its masks, keep the window, scale to the short and at most the long side, mirror."""
    cut = window or (slice(None), slice(None))
    image = video.image(frame)[cut]
    height, width = scaled_size(image.shape[0], image.shape[1], shortest, longest)
    masks = [_mask(item, frame, cut, image, height, width) for item in objects]
    pixels, stacked = resized(image, height, width), np.stack(masks)
    if mirrored:
        pixels, stacked = pixels[:, ::-1], stacked[..., ::-1]
    boxes = np.array([box_of_mask(mask) or (0, 0, 0, 0) for mask in stacked], dtype=np.float32)
    return Frame(_tensor(pixels.transpose(2, 0, 1)), _tensor(stacked), torch.from_numpy(boxes))


def _mask(item: AnnotatedObject, frame: int, cut: Window, image: Image, height: int, width: int) -> BoolArray:
    mask = item.track.mask(frame)
    if mask is None:
        return np.zeros((height, width), dtype=bool)
    if image.shape[:2] == (height, width):
        return mask[cut]
    # Pixels' centres decide, as in Pillow, whose bilinear resizing the image gets: no shift between mask and image.
    scaled = cv2.resize(mask[cut].astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
    return scaled.view(np.bool_)


def _tensor(array: NDArray[np.generic]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array))
