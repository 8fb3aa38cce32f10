"""Sprites: the textured cut-outs that objects and scenery are assembled from, and how their joints move."""

from dataclasses import dataclass
from math import pi
from typing import Any

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from instmove.datasets.synthetic.geometry import Bend, Matrix, Points, about, affine, inverse
from instmove.datasets.synthetic.textures import COAT_SIZE, Coat, Colour, FloatArray

MARGIN = 2
"""Transparent pixels around a sprite, so that its edge is interpolated to nothing."""


@dataclass(frozen=True)
class Part:
    """One rigid or bending piece of a body, in body units (x forward, y down), with its joint's motion.

    The joint at ``pivot`` turns by ``rest + swing * vigour * sin(rate * phase + lag)``, and the piece shrinks across
    by up to ``squash`` in the same rhythm (a wing seen from above). ``surface`` is the coat's pattern, its plain
    ``detail`` colour, or a colour of its own; ``opacity`` below one makes a shadow, which belongs to no object.
    """

    outline: Points
    pivot: tuple[float, float] = (0.0, 0.0)
    rest: float = 0.0
    swing: float = 0.0
    lag: float = 0.0
    rate: float = 1.0
    squash: float = 0.0
    bend: Bend | None = None
    surface: Colour | str = "coat"
    shade: float = 1.0
    opacity: float = 1.0
    decals: tuple[tuple[Points, Colour], ...] = ()

    def poses(self, phase: Points, vigour: Points) -> Matrix:
        """Part-to-body maps (T, 3, 3) for gait phases and strengths (T,)."""
        rhythm = np.sin(self.rate * phase + self.lag)
        shrink = 1 - self.squash * (0.5 + 0.5 * rhythm)
        return about(self.pivot, affine(self.rest + self.swing * vigour * rhythm, 1.0, shrink))


@dataclass(frozen=True)
class Sprite:
    """Colour and opacity, premultiplied: (h, w, 4) float32, opacity in 0..1; the maps lead from and to part units."""

    pixels: FloatArray
    to_sprite: Matrix
    from_sprite: Matrix
    part: Part


def _fill(canvas: NDArray[Any], outline: Points, to_sprite: Matrix, colour: float | Colour) -> None:
    """Draw a filled polygon with soft edges; cv2 takes corners in 1/16 pixel."""
    corners = outline @ to_sprite[:2, :2].T + to_sprite[:2, 2]
    cv2.fillPoly(canvas, [np.round(corners * 16).astype(np.int32)], colour, cv2.LINE_AA, 4)


def _surface(rng: Generator, part: Part, coat: Coat, height: int, width: int) -> FloatArray:
    if part.surface != "coat":
        colour = coat.detail if part.surface == "detail" else part.surface
        grain = rng.normal(0, 5, (height, width, 1)).astype(np.float32)
        return np.full((height, width, 3), colour, np.float32) + grain
    top, left = rng.integers(0, COAT_SIZE // 3, 2)
    rows = (np.arange(height) + top) % COAT_SIZE
    columns = (np.arange(width) + left) % COAT_SIZE
    return coat.surface[rows[:, None], columns[None]]


def make_sprite(rng: Generator, part: Part, coat: Coat, density: float) -> Sprite:
    """Cut a part out of its surface at ``density`` sprite pixels per body unit; lit from above, dark at the rim."""
    low, high = part.outline.min(axis=0), part.outline.max(axis=0)
    width, height = (int(np.ceil(n)) + 2 * MARGIN + 1 for n in (high - low) * density)
    to_sprite = affine(0.0, density, density, MARGIN - low[0] * density, MARGIN - low[1] * density)
    opacity = np.zeros((height, width), np.uint8)
    _fill(opacity, part.outline, to_sprite, 255)
    colour = _surface(rng, part, coat, height, width)
    for outline, tint in part.decals:
        _fill(colour, outline, to_sprite, tint)
    rim = np.minimum(cv2.distanceTransform(opacity, cv2.DIST_L2, 3), 3.0) / 3.0
    light = np.linspace(1.15, 0.8, height, dtype=np.float32)[:, None] * (0.72 + 0.28 * rim) * part.shade
    alpha = opacity.astype(np.float32) * np.float32(part.opacity / 255)
    shaded = np.clip(colour * light[..., None], 0, 255) * alpha[..., None]
    return Sprite(np.dstack((shaded, alpha)).astype(np.float32), to_sprite, inverse(to_sprite), part)


def shadow(radius: float, foot: float) -> Part:
    """A soft-edged dark ellipse on the ground below a body whose feet are at y = ``foot``."""
    angle = np.linspace(0, 2 * pi, 24, endpoint=False)
    outline = np.stack((radius * np.cos(angle), foot + 0.22 * radius * np.sin(angle)), axis=-1)
    return Part(outline, surface=(12.0, 12.0, 12.0), opacity=0.35)
