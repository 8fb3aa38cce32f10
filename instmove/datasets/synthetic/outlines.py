"""Closed outlines from which sprites are cut: ellipses, limbs, polygons and smooth curves, in body units."""

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator

from instmove.datasets.synthetic.geometry import Points

STEPS = 36
"""Corners of a round outline; finer than a pixel at any size drawn here."""


def ellipse(x: float, y: float, radius_x: float, radius_y: float, power: float = 2.0) -> Points:
    """An ellipse, or with ``power`` above 2 a box with round corners; (36, 2)."""
    angle = np.linspace(0, 2 * np.pi, STEPS, endpoint=False)
    cosine, sine = np.cos(angle), np.sin(angle)
    across = radius_x * np.sign(cosine) * np.abs(cosine) ** (2 / power)
    down = radius_y * np.sign(sine) * np.abs(sine) ** (2 / power)
    return np.stack((x + across, y + down), axis=-1)


def box(left: float, top: float, right: float, bottom: float) -> Points:
    """An axis-aligned rectangle (4, 2)."""
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float64)


def limb(start: tuple[float, float], end: tuple[float, float], thick: float, thin: float) -> Points:
    """A tapered bar with a round end: ``thick`` wide at ``start``, ``thin`` wide at ``end``."""
    a, b = np.array(start, np.float64), np.array(end, np.float64)
    along = (b - a) / np.linalg.norm(b - a)
    across = np.array((-along[1], along[0]))
    corners = [
        a + across * thick / 2,
        b + across * thin / 2,
        b + along * thin / 2,
        b - across * thin / 2,
        a - across * thick / 2,
        a - along * thick / 3,
    ]
    return np.array(corners)


def smooth(corners: Sequence[tuple[float, float]]) -> Points:
    """A closed Catmull-Rom curve through the corners, six points for each."""
    points = np.array(corners, np.float64)
    before, after, later = np.roll(points, 1, axis=0), np.roll(points, -1, axis=0), np.roll(points, -2, axis=0)
    t = np.linspace(0, 1, 6, endpoint=False)[None, :, None]
    p0, p1, p2, p3 = (corner[:, None, :] for corner in (before, points, after, later))
    curve = p1 + 0.5 * t * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0)))
    return curve.reshape(-1, 2)


def blob(rng: Generator, radius: float, roughness: float, lobes: int = 6) -> Points:
    """A random star-shaped outline around the origin; ``roughness`` 0 is a circle."""
    angle = np.linspace(0, 2 * np.pi, 2 * STEPS, endpoint=False)
    order = np.arange(2, 2 + lobes)
    waves = np.cos(order[:, None] * angle + rng.uniform(0, 2 * np.pi, (lobes, 1))) / order[:, None] ** 0.7
    reach = radius * np.exp(roughness * (rng.normal(0, 1, lobes) @ waves))
    return np.stack((reach * np.cos(angle), reach * np.sin(angle)), axis=-1)
