"""RAFT's augmentation of a pair of frames and the flow between them (core/utils/augmentor.py:15-120)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from instmove.flow.samples import FlowSample
from instmove.video import Image

JITTER = 0.4
"""Largest relative change of brightness, contrast and saturation (augmentor.py:36)."""
HUE_SHIFT = 0.5 / np.pi
"""Largest turn of the hue, in full turns (augmentor.py:36: 0.5 / 3.14)."""
ASYMMETRIC_PROBABILITY = 0.2
"""How often the two images are jittered apart (augmentor.py:37)."""
ERASER_PROBABILITY = 0.5
"""How often rectangles of the second image are painted over (augmentor.py:38)."""
ERASER_SIDES = 50 / 368, 100 / 368
"""Sides of such a rectangle over the crop's height: 50 to 100 px (augmentor.py:54) of the first stage's 368."""
SCALE_PROBABILITY = 0.8
STRETCH_PROBABILITY = 0.8
STRETCH = 0.2
"""How often and, in octaves, how far the pair is scaled and each axis of it stretched (augmentor.py:23-26)."""


@dataclass(frozen=True)
class Augmentation:
    """What a stage of training sets (datasets.py:199-228); the result is always of size ``crop``."""

    crop: tuple[int, int]
    """Height and width, multiples of 8."""
    scale: tuple[float, float]
    """Smallest and largest zoom, in octaves."""
    flips: tuple[float, float] = (0.5, 0.1)
    """Probabilities of mirroring left-right and upside-down (augmentor.py:29-31)."""

    def __call__(self, sample: FlowSample, rng: Generator) -> FlowSample:
        """Jitter, erase, scale, flip and crop one sample; all randomness comes from ``rng``."""
        image1, image2 = jitter_pair(sample.image1, sample.image2, rng)
        image2 = erase(image2, self.crop[0], rng)
        sample = rescale(FlowSample(image1, image2, sample.flow, sample.valid), *self._zoom(sample, rng))
        for axis, probability in zip((1, 0), self.flips, strict=True):
            sample = flip(sample, axis) if rng.random() < probability else sample
        return crop(sample, self.crop, rng)

    def _zoom(self, sample: FlowSample, rng: Generator) -> tuple[int, int]:
        """Height and width to scale to: random where the draw says so, enough for the crop (augmentor.py:76-90)."""
        octaves = np.zeros(2)
        if rng.random() < SCALE_PROBABILITY:
            octaves += rng.uniform(*self.scale)
            if rng.random() < STRETCH_PROBABILITY:
                octaves += rng.uniform(-STRETCH, STRETCH, 2)
        size = np.array(sample.valid.shape)
        enough = (np.array(self.crop) / size).max()
        height, width = np.ceil(size * np.maximum(2**octaves, enough) - 1e-6).astype(int)
        return int(height), int(width)


def jitter_pair(image1: Image, image2: Image, rng: Generator) -> tuple[Image, Image]:
    """Change the colours of both images alike or, now and then, of each on its own."""
    if rng.random() < ASYMMETRIC_PROBABILITY:
        return jitter(image1, rng), jitter(image2, rng)
    both = jitter(np.concatenate([image1, image2]), rng)
    return both[: len(image1)], both[len(image1) :]


def jitter(image: Image, rng: Generator) -> Image:
    """Brightness, contrast, saturation and hue by random amounts in random order."""
    factors = rng.uniform(1 - JITTER, 1 + JITTER, 3)
    turn = rng.uniform(-HUE_SHIFT, HUE_SHIFT)
    for kind in rng.permutation(4):
        image = _turn_hue(image, turn) if kind == 3 else _blend(image, _anchor(image, int(kind)), factors[kind])
    return image


def _anchor(image: Image, kind: int) -> NDArray[np.float32] | float:
    """What the image is pulled to: black (brightness), its mean grey (contrast), its grey version (saturation)."""
    if kind == 0:
        return 0.0
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return float(grey.mean()) if kind == 1 else grey[..., None].astype(np.float32)


def _blend(image: Image, anchor: NDArray[np.float32] | float, factor: float) -> Image:
    return np.clip(factor * image.astype(np.float32) + (1 - factor) * anchor, 0, 255).astype(np.uint8)


def _turn_hue(image: Image, turn: float) -> Image:
    hsv = cv2.cvtColor(image, cv2.COLOR_RGB2HSV_FULL)
    hsv[..., 0] = (hsv[..., 0].astype(int) + round(256 * turn)) % 256
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB_FULL).astype(np.uint8, copy=False)


def erase(image: Image, crop_height: int, rng: Generator) -> Image:
    """Half the time, paint one or two rectangles in the mean colour: occlusions that the flow must bridge."""
    if rng.random() >= ERASER_PROBABILITY:
        return image
    painted, colour = image.copy(), image.mean(axis=(0, 1)).astype(np.uint8)
    for _ in range(rng.integers(1, 3)):
        top, left = rng.integers(image.shape[0]), rng.integers(image.shape[1])
        height, width = np.rint(rng.uniform(*ERASER_SIDES, 2) * crop_height).astype(int)
        painted[top : top + height, left : left + width] = colour
    return painted


def rescale(sample: FlowSample, height: int, width: int) -> FlowSample:
    """Scale to (height, width); the flow's vectors scale too, and one unknown neighbour makes a pixel unknown."""
    old_height, old_width = sample.valid.shape
    ratio = np.array([width / old_width, height / old_height], dtype=np.float32)

    def resized(array: NDArray[Any]) -> NDArray[Any]:
        return cv2.resize(array, (width, height), interpolation=cv2.INTER_LINEAR)

    valid = resized(sample.valid.astype(np.float32)) > 0.999
    return FlowSample(resized(sample.image1), resized(sample.image2), resized(sample.flow) * ratio, valid)


def flip(sample: FlowSample, axis: int) -> FlowSample:
    """Mirror along rows (axis 0) or columns (axis 1) of the arrays; that component of the flow changes sign."""
    sign = np.array([-1, 1] if axis == 1 else [1, -1], dtype=np.float32)
    mirrored = _each(sample, lambda array: np.flip(array, axis))
    return replace(mirrored, flow=mirrored.flow * sign)


def crop(sample: FlowSample, size: tuple[int, int], rng: Generator) -> FlowSample:
    """A random window of ``size`` (height, width) in a sample at least that large."""
    top = int(rng.integers(sample.valid.shape[0] - size[0] + 1))
    left = int(rng.integers(sample.valid.shape[1] - size[1] + 1))
    return _each(sample, lambda array: array[top : top + size[0], left : left + size[1]])


def _each(sample: FlowSample, change: Callable[[NDArray[Any]], NDArray[Any]]) -> FlowSample:
    arrays = (sample.image1, sample.image2, sample.flow, sample.valid)
    return FlowSample(*(np.ascontiguousarray(change(array)) for array in arrays))
