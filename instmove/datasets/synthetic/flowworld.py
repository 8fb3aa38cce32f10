"""Scenes for training and testing optical flow: other shapes, surfaces and grounds than the benchmark's.

A flow network that learns from these has seen neither the benchmark's animals nor its backgrounds, so it is no oracle.
"""

from dataclasses import dataclass
from math import pi

import cv2
import numpy as np
from numpy.random import Generator

from instmove.datasets.synthetic import backdrops
from instmove.datasets.synthetic.camera import make_camera
from instmove.datasets.synthetic.dynamics import STYLES, SUBSTEPS, confine, drift
from instmove.datasets.synthetic.geometry import Bend, affine
from instmove.datasets.synthetic.outlines import blob, limb
from instmove.datasets.synthetic.scene import Actor, Canvas, Film, Scene
from instmove.datasets.synthetic.sprites import Part, make_sprite
from instmove.datasets.synthetic.textures import COAT_SIZE, Coat, Colour, FloatArray, fractal, mix


@dataclass(frozen=True)
class FlowRecipe:
    """How many frames, how long a step between them (full-rate frames) and how the film looks."""

    frames: int = 2
    strides: tuple[int, int] = (1, 6)
    speed: float = 1.0
    """Median speed in pixels a full-rate frame."""
    noise: float = 5.0
    height: int = 96
    width: int = 160


def _colour(rng: Generator) -> Colour:
    red, green, blue = rng.uniform(15, 240, 3).tolist()
    return red, green, blue


def _marble(rng: Generator, height: int, width: int) -> FloatArray:
    """Veins: the ridges of smooth noise, (h, w) in [0, 1]."""
    return np.abs(2 * fractal(rng, height, width, (5, 11, 23, 47)) - 1)


def _tartan(rng: Generator, height: int, width: int) -> FloatArray:
    """Woven bands of random widths, (h, w) in [0, 1]."""
    rows, columns = (
        cv2.resize(rng.random((1, length // 5), dtype=np.float32), (length, 1), interpolation=cv2.INTER_NEAREST)[0]
        for length in (height, width)
    )
    return 0.4 * rows[:, None] + 0.4 * columns + 0.2 * fractal(rng, height, width, (20, 48))


def _surface(rng: Generator, height: int, width: int) -> FloatArray:
    weave = _marble if rng.random() < 0.6 else _tartan
    return mix(weave(rng, height, width), _colour(rng), _colour(rng))


def _body(rng: Generator) -> tuple[Part, ...]:
    """A lump with up to three feelers that swing."""
    feelers = []
    for angle in rng.uniform(0, 2 * pi, int(rng.integers(0, 4))):
        out = (0.75 * np.cos(angle), 0.75 * np.sin(angle))
        feelers.append(
            Part(limb((0, 0), out, 0.2, 0.1), swing=rng.uniform(0.2, 0.8), lag=angle, rate=rng.uniform(0.5, 2))
        )
    wave = Bend(rng.uniform(0, 0.08), rng.uniform(3, 7)) if rng.random() < 0.6 else None
    return (*feelers, Part(blob(rng, rng.uniform(0.3, 0.45), 0.2), bend=wave))


def _actor(rng: Generator, recipe: FlowRecipe, number: int, count: int, view: "np.typing.NDArray[np.float64]") -> Actor:
    names = sorted(STYLES)
    path = STYLES[names[rng.integers(len(names))]](rng, count, recipe.speed * np.exp(0.8 * rng.normal()))
    start = rng.uniform((0, 0), (recipe.width, recipe.height))
    x, y = confine(path + start, (-8, -8, recipe.width + 8, recipe.height + 8), rng.uniform(0, 2)).T
    size = rng.uniform(18, 70) * np.exp(0.08 * drift(rng, count, 8))
    turn = rng.uniform(0, 2 * pi) + 0.4 * drift(rng, count, 8)
    coat = Coat(_surface(rng, COAT_SIZE, COAT_SIZE), _colour(rng))
    sprites = tuple(make_sprite(rng, part, coat, float(size.max())) for part in _body(rng))
    phase = np.cumsum(rng.uniform(0.1, 0.6) + 0.05 * drift(rng, count, 6)) / SUBSTEPS
    matrices = view @ affine(turn, size, size * rng.uniform(0.7, 1.3), x, y)
    return Actor(number, 1, sprites, matrices, np.full(count, float(number)), phase, np.ones(count))


def make_flow_scene(rng: Generator, recipe: FlowRecipe) -> Scene:
    """Three to eight lumps over a patterned ground; sharp film, so that flow explains all but the noise."""
    rows, columns = backdrops.BORDER
    step = SUBSTEPS * int(rng.integers(recipe.strides[0], recipe.strides[1] + 1))
    count = (recipe.frames - 1) * step + 1
    size = (recipe.height, recipe.width)
    camera = make_camera(rng, count, size, rng.uniform(0, 12), rng.uniform(0, 0.5))
    view = camera.matrices()
    painting = _surface(rng, recipe.height + 2 * rows, recipe.width + 2 * columns)
    colours = [_colour(rng) for _ in range(5)]
    backdrops.scatter(rng, painting, int(rng.integers(0, 60)), (0, painting.shape[0]), (2, 9), colours)
    actors = tuple(_actor(rng, recipe, k + 1, count, view) for k in range(int(rng.integers(3, 9))))
    film = Film(recipe.noise, 0.0, 0, np.ones(count))
    return Scene(Canvas(painting, (-columns, -rows), view, size), actors, film, tuple(range(0, count, step)), size)
