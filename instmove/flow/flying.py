"""Flying patches: pairs of frames with exact flow, in the spirit of FlyingChairs, that share nothing with any benchmark.

A painted ground and a few ragged patches move, each by its own small affine map. RAFT's base is trained on them, so
that it has never seen the look, the shapes or the motion of what it is tried on.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from instmove.datasets.synthetic.geometry import Matrix, about, affine
from instmove.datasets.synthetic.outlines import blob
from instmove.datasets.synthetic.textures import fractal
from instmove.flow.samples import FlowSample

FloatArray = NDArray[np.float32]
BORDER = 40
"""Pixels of ground around the frame, so that it can move without an edge showing."""
PATCHES = 4, 10
"""Fewest and most patches of a pair."""
MEAN_SHIFT = {"ground": 2.0, "patch": 5.0}
"""Mean of the (exponential) length of a shift, in pixels; patches also move with the ground, as with a camera."""
TURN, ZOOM = 0.06, 0.05
"""Standard deviations of the turn, in radians, and of the logarithm of the zoom between the frames."""
NOISE = 6.0
"""Largest standard deviation of the sensor's noise, in grey levels."""


@dataclass(frozen=True)
class Layer:
    """A picture (h, w, 3) with opacity (h, w) and the maps (3, 3) from its pixels to those of both frames."""

    picture: FloatArray
    opacity: FloatArray
    first: Matrix
    second: Matrix


@dataclass(frozen=True)
class FlyingPatches:
    """``count`` pairs of size (height, width); pair number i is a pure function of (seed, i)."""

    count: int
    height: int
    width: int
    seed: int

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> FlowSample:
        rng = np.random.default_rng((self.seed, index))
        return draw_pair(rng, self.height, self.width)


def draw_pair(rng: Generator, height: int, width: int) -> FlowSample:
    """One pair; the flow is known everywhere, also where something hides in the second frame."""
    layers = [_ground(rng, height, width)]
    carried = layers[0].second @ np.linalg.inv(layers[0].first)
    layers += [_patch(rng, height, width, carried) for _ in range(rng.integers(PATCHES[0], PATCHES[1] + 1))]
    images = [np.zeros((height, width, 3), np.float32) for _ in range(2)]
    flow = np.zeros((height, width, 2), np.float32)
    for layer in layers:
        shown = [_paint(image, layer, to) for image, to in zip(images, (layer.first, layer.second), strict=True)]
        flow[shown[0]] = _shift(layer.second @ np.linalg.inv(layer.first), height, width)[shown[0]]
    level = rng.uniform(0, NOISE)
    first, second = (_expose(image + rng.normal(0, level, image.shape)) for image in images)
    return FlowSample(first, second, flow, np.ones((height, width), dtype=np.bool_))


def _texture(rng: Generator, height: int, width: int) -> FloatArray:
    """Coloured noise (height, width, 3) in 0..255: random in colour, contrast and coarseness."""
    cells = [int(rng.integers(3, 11)) * 2**octave for octave in range(5)]
    shared = fractal(rng, height, width, cells)
    own = np.stack([fractal(rng, height, width, cells) for _ in range(3)], axis=-1)
    mixed = shared[..., None] + rng.uniform(0.2, 1) * own
    return rng.uniform(40, 215, 3).astype(np.float32) + np.float32(rng.uniform(60, 200)) * (mixed - mixed.mean())


def _ground(rng: Generator, height: int, width: int) -> Layer:
    rows, columns = height + 2 * BORDER, width + 2 * BORDER
    home = affine(x=-BORDER, y=-BORDER)
    moved = _motion(rng, (width / 2, height / 2), MEAN_SHIFT["ground"]) @ home
    return Layer(_texture(rng, rows, columns), np.ones((rows, columns), np.float32), home, moved)


def _patch(rng: Generator, height: int, width: int, carried: Matrix) -> Layer:
    radius = rng.uniform(0.06, 0.25) * height
    side = 4 * int(np.ceil(radius))
    outline = blob(rng, radius, rng.uniform(0, 0.25)) + side / 2
    opacity = np.zeros((side, side), np.float32)
    cv2.fillPoly(opacity, [np.round(outline * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
    centre = float(rng.uniform(0, width)), float(rng.uniform(0, height))
    home = affine(x=centre[0] - side / 2, y=centre[1] - side / 2)
    moved = carried @ _motion(rng, centre, MEAN_SHIFT["patch"]) @ home
    return Layer(_texture(rng, side, side), opacity, home, moved)


def _motion(rng: Generator, centre: tuple[float, float], mean_shift: float) -> Matrix:
    """A random map of the frame to itself: a turn and a zoom about ``centre``, and a shift."""
    way, far = rng.uniform(0, 2 * np.pi), rng.exponential(mean_shift)
    zoom = np.exp(rng.normal(0, ZOOM))
    turned = about(centre, affine(rng.normal(0, TURN), zoom, zoom))
    return affine(x=far * np.cos(way), y=far * np.sin(way)) @ turned


def _paint(image: FloatArray, layer: Layer, to_frame: Matrix) -> NDArray[np.bool_]:
    """Lay a layer over an image in place; True (H, W) where it is what one sees."""
    size = image.shape[1], image.shape[0]
    opacity = cv2.warpAffine(layer.opacity, to_frame[:2], size)
    picture = cv2.warpAffine(layer.picture, to_frame[:2], size, borderMode=cv2.BORDER_REFLECT)
    image += opacity[..., None] * (picture - image)
    return opacity > 0.5


def _shift(matrix: Matrix, height: int, width: int) -> FloatArray:
    """Where each pixel (H, W, 2) goes under a map of the frame to itself, as a difference."""
    pixels = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1).astype(np.float64)
    return (pixels @ matrix[:2, :2].T + matrix[:2, 2] - pixels).astype(np.float32)


def _expose(image: NDArray[np.float64]) -> NDArray[np.uint8]:
    return np.clip(image, 0, 255).astype(np.uint8)
