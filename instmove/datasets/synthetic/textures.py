"""Procedural surfaces: fractal noise, animal coats and the ground they stand on. Colours are RGB in 0..255."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]
Colour = tuple[float, float, float]

COAT_SIZE = 96
"""Side of a coat's square texture, in pixels; sprites cut their surface out of it."""


def fractal(rng: Generator, height: int, width: int, cells: Sequence[int] = (4, 8, 16, 32)) -> FloatArray:
    """Smooth noise (height, width) in [0, 1]: octaves of so many cells along the height, halving in weight."""
    total = np.zeros((height, width), np.float32)
    for octave, count in enumerate(cells):
        grid = rng.random((count + 1, max(2, round(count * width / height)) + 1), dtype=np.float32)
        total += cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC) * 0.5**octave
    low, high = float(total.min()), float(total.max())
    return (total - low) / max(high - low, 1e-6)


def mix(weight: FloatArray, low: Colour, high: Colour) -> FloatArray:
    """Colour image (h, w, 3) that is ``low`` where ``weight`` (h, w) is 0 and ``high`` where it is 1."""
    top, bottom = np.array(high, np.float32), np.array(low, np.float32)
    return bottom + weight[..., None] * (top - bottom)


def jitter(rng: Generator, colour: Colour, amount: float) -> Colour:
    """The colour with its brightness and each channel shifted by about ``amount`` grey levels."""
    shifted = np.array(colour) + rng.normal(0, amount) + rng.normal(0, 0.5 * amount, 3)
    red, green, blue = np.clip(shifted, 8, 247).tolist()
    return red, green, blue


def _plain(rng: Generator) -> FloatArray:
    return 0.8 * fractal(rng, COAT_SIZE, COAT_SIZE, (3, 9, 27))


def _stripes(rng: Generator) -> FloatArray:
    rows, columns = np.mgrid[:COAT_SIZE, :COAT_SIZE].astype(np.float32)
    bend = 14 * fractal(rng, COAT_SIZE, COAT_SIZE, (3, 7))
    wave = np.sin((columns + 0.35 * rows + bend) * rng.uniform(0.8, 1.15))
    return np.clip(0.5 + 1.6 * wave, 0, 1).astype(np.float32)


def _spots(rng: Generator) -> FloatArray:
    seeds = np.full((COAT_SIZE, COAT_SIZE), 255, np.uint8)
    seeds[rng.integers(0, COAT_SIZE, 170), rng.integers(0, COAT_SIZE, 170)] = 0
    distance = cv2.distanceTransform(seeds, cv2.DIST_L2, 3)
    return np.clip(2.4 - distance, 0, 1).astype(np.float32)


def _patches(rng: Generator) -> FloatArray:
    return np.clip(9 * (fractal(rng, COAT_SIZE, COAT_SIZE, (11, 23)) - 0.45), 0, 1)


def _scales(rng: Generator) -> FloatArray:
    rows, columns = np.mgrid[:COAT_SIZE, :COAT_SIZE].astype(np.float32)
    pitch = rng.uniform(1.0, 1.3)
    weave = np.abs(np.sin(rows * pitch + columns * 0.5 * pitch)) * np.abs(np.sin(rows * pitch - columns * 0.5 * pitch))
    return np.clip(1.5 * weave, 0, 1) * 0.7 + 0.3 * fractal(rng, COAT_SIZE, COAT_SIZE, (4, 12))


def _feathers(rng: Generator) -> FloatArray:
    strands = cv2.resize(rng.random((60, 9), dtype=np.float32), (COAT_SIZE, COAT_SIZE), interpolation=cv2.INTER_CUBIC)
    return np.clip(strands, 0, 1)


COATS: dict[str, Callable[[Generator], FloatArray]] = {
    "plain": _plain,
    "stripes": _stripes,
    "spots": _spots,
    "patches": _patches,
    "scales": _scales,
    "feathers": _feathers,
}


@dataclass(frozen=True)
class Coat:
    """The surface of a group of look-alikes: a pattern image (96, 96, 3) and the plain colour of small parts."""

    surface: FloatArray
    detail: Colour


def make_coat(rng: Generator, kind: str, low: Colour, high: Colour) -> Coat:
    """A coat of one kind between two colours; groups of the same kind differ in colour as much as in pattern."""
    first, second = jitter(rng, low, 14), jitter(rng, high, 14)
    surface = mix(COATS[kind](rng), first, second)
    surface += 16 * (fractal(rng, COAT_SIZE, COAT_SIZE, (12, 48))[..., None] - 0.5)
    return Coat(surface, first)


def sibling(rng: Generator, coat: Coat, difference: float) -> Coat:
    """A look-alike's coat: the same pattern, its colour off by about ``difference`` grey levels."""
    shift = np.float32(rng.normal(0, difference) + rng.normal(0, 0.4 * difference, 3))
    return Coat(coat.surface + shift, jitter(rng, coat.detail, difference))
