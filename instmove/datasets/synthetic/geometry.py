"""Invertible transforms of the plane: affine maps and a bend, so that masks and flow are exact."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Points (..., 2) as (x right, y down)."""
Matrix = NDArray[np.float64]
"""Affine maps in homogeneous coordinates (..., 3, 3)."""


def affine(
    angle: float | Points = 0.0,
    scale_x: float | Points = 1.0,
    scale_y: float | Points = 1.0,
    x: float | Points = 0.0,
    y: float | Points = 0.0,
) -> Matrix:
    """Scale, then turn by ``angle`` (radians, x towards y), then move to (x, y); arguments broadcast to (..., 3, 3)."""
    angle, scale_x, scale_y, x, y = np.broadcast_arrays(
        *(np.asarray(v, np.float64) for v in (angle, scale_x, scale_y, x, y))
    )
    cosine, sine, zero, one = np.cos(angle), np.sin(angle), np.zeros(angle.shape), np.ones(angle.shape)
    rows = [[cosine * scale_x, -sine * scale_y, x], [sine * scale_x, cosine * scale_y, y], [zero, zero, one]]
    return np.moveaxis(np.array(rows), (0, 1), (-2, -1))


def about(pivot: tuple[float, float], matrix: Matrix) -> Matrix:
    """The linear map ``matrix`` applied around a pivot instead of the origin."""
    there, back = affine(x=pivot[0], y=pivot[1]), affine(x=-pivot[0], y=-pivot[1])
    return there @ matrix @ back


def apply(matrix: Matrix, points: Points) -> Points:
    """Apply one affine map (3, 3) to points (..., 2)."""
    return points @ matrix[:2, :2].T + matrix[:2, 2]


def inverse(matrix: Matrix) -> Matrix:
    """The inverse of an affine map (3, 3), in closed form: LAPACK's overhead would be most of a frame's time."""
    (a, b, x), (c, d, y) = matrix[:2].tolist()
    scale = 1 / (a * d - b * c)
    rows = ((d, -b, b * y - d * x), (-c, a, c * x - a * y))
    return np.array([[n * scale for n in row] for row in rows] + [[0.0, 0.0, 1.0]])


@dataclass(frozen=True)
class Bend:
    """A travelling wave along x: y moves by ``size`` (a + b x + c x²) sin(``wave`` x - phase); x stays: it inverts."""

    size: float
    wave: float
    envelope: tuple[float, float, float] = (1.0, 0.0, 0.0)

    def offset(self, x: Points, phase: float, vigour: float) -> Points:
        """How far y is moved at ``x`` (any shape) when the wave has this phase and relative strength."""
        a, b, c = self.envelope
        return vigour * self.size * (a + b * x + c * x * x) * np.sin(self.wave * x - phase)


@dataclass(frozen=True)
class Placement:
    """Where a part is at one moment: bent in its own coordinates, then mapped to the image."""

    matrix: Matrix
    bend: Bend | None = None
    phase: float = 0.0
    vigour: float = 1.0

    def to_image(self, points: Points) -> Points:
        """From the part's own coordinates (..., 2) to pixels."""
        if self.bend is not None:
            lift = self.bend.offset(points[..., 0], self.phase, self.vigour)
            points = np.stack((points[..., 0], points[..., 1] + lift), axis=-1)
        return apply(self.matrix, points)

    def to_part(self, pixels: Points) -> Points:
        """The exact inverse of :meth:`to_image`."""
        points = apply(inverse(self.matrix), pixels)
        if self.bend is not None:
            points[..., 1] -= self.bend.offset(points[..., 0], self.phase, self.vigour)
        return points
