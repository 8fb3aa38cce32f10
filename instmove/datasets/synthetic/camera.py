"""The camera over time: pan, shake, zoom and roll, as maps from the world to the frame."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from scipy.ndimage import gaussian_filter1d

from instmove.datasets.synthetic.dynamics import SUBSTEPS, drift
from instmove.datasets.synthetic.geometry import Matrix, Points, affine


@dataclass(frozen=True)
class Camera:
    """Offset from its home (T, 2) in pixels, zoom (T,) and roll (T,) in radians; ``size`` is (height, width)."""

    offset: Points
    zoom: Points
    roll: Points
    size: tuple[int, int]

    def matrices(self, parallax: float = 1.0) -> Matrix:
        """World-to-frame maps (T, 3, 3) for things that move ``parallax`` times as much as the middle distance."""
        centre_y, centre_x = (n / 2 for n in self.size)
        moved = affine(x=-centre_x - parallax * self.offset[:, 0], y=-centre_y - parallax * self.offset[:, 1])
        return affine(self.roll, self.zoom, self.zoom, centre_x, centre_y) @ moved


def make_camera(
    rng: Generator, count: int, size: tuple[int, int], pan: float, shake: float, target: Points | None = None
) -> Camera:
    """A hand-held camera: it drifts by about ``pan`` pixels, shakes by ``shake``, and lags behind a target's path."""
    wander = np.stack([pan * drift(rng, count, 9) for _ in "xy"], axis=-1) * (1.0, 0.4)
    tremor = np.stack([shake * drift(rng, count, 2.0) for _ in "xy"], axis=-1)
    offset = wander - wander.mean(axis=0) + tremor
    if target is not None:
        centre = np.array(size[::-1]) / 2
        offset = offset + 0.8 * (gaussian_filter1d(target, 1.5 * SUBSTEPS, axis=0) - centre)
    zoom = np.exp(0.025 * drift(rng, count, 16))
    return Camera(offset, zoom, 0.012 * shake * drift(rng, count, 3), size)
