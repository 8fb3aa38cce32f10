"""Painted surroundings, larger than the frame: savanna, street, reef, forest floor and sky, all cluttered."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.random import Generator

from instmove.datasets.synthetic.geometry import Points
from instmove.datasets.synthetic.outlines import blob
from instmove.datasets.synthetic.textures import COAT_SIZE, Coat, Colour, FloatArray, fractal, jitter, mix

BORDER = (36, 60)
"""How far a painting reaches beyond the frame: rows, columns."""
Painter = Callable[[Generator, int, int], FloatArray]


def polygon(canvas: FloatArray, outline: Points, colour: Colour) -> None:
    """A filled polygon with soft edges, corners in pixels."""
    cv2.fillPoly(canvas, [np.round(outline * 16).astype(np.int32)], colour, cv2.LINE_AA, 4)


def scatter(
    rng: Generator,
    canvas: FloatArray,
    count: int,
    rows: tuple[int, int],
    sizes: tuple[float, float],
    colours: Sequence[Colour],
) -> None:
    """Stones, leaves, tufts: rough blobs of these colours between two rows, larger further down."""
    for y in np.sort(rng.uniform(*rows, count)):
        nearness = (y - rows[0]) / max(1, rows[1] - rows[0])
        radius = rng.uniform(*sizes) * (0.6 + 0.7 * nearness)
        outline = blob(rng, radius, 0.16)[::3] * (1, rng.uniform(0.5, 1)) + (rng.uniform(0, canvas.shape[1]), y)
        colour = jitter(rng, colours[int(rng.integers(len(colours)))], 16)
        polygon(canvas, outline + np.array((0, radius * 0.3)), (colour[0] * 0.5, colour[1] * 0.5, colour[2] * 0.5))
        polygon(canvas, outline, colour)


def _gradient(height: int, width: int, top: Colour, bottom: Colour) -> FloatArray:
    return mix(np.linspace(0, 1, height, dtype=np.float32)[:, None].repeat(width, axis=1), top, bottom)


def plain(rng: Generator, height: int, width: int) -> FloatArray:
    """Grassland below a horizon of hills and trees."""
    horizon = round(height * rng.uniform(0.3, 0.4))
    dry = rng.random() < 0.5
    low, high = ((118, 98, 52), (196, 174, 112)) if dry else ((52, 78, 34), (138, 152, 76))
    painting = _gradient(height, width, (122, 160, 206), (214, 216, 206))
    scatter(rng, painting, 14, (horizon - 8, horizon + 2), (6, 16), ((70, 92, 66), (98, 110, 84), (120, 118, 96)))
    grass = fractal(rng, height - horizon, width, (3, 10, 30, 60))
    painting[horizon:] = mix(grass, jitter(rng, low, 10), jitter(rng, high, 10))
    scatter(rng, painting, 70, (horizon, height), (1.5, 5.5), (low, high, (92, 84, 70), (64, 74, 40)))
    return painting


def street(rng: Generator, height: int, width: int) -> FloatArray:
    """House fronts with windows and doors behind a pavement."""
    kerb = round(height * rng.uniform(0.42, 0.5))
    painting = mix(fractal(rng, height, width, (20, 60)), (104, 102, 100), (150, 146, 142))
    x = 0
    while x < width:
        front = int(rng.integers(28, 70))
        wall = jitter(rng, ((150, 96, 80), (178, 166, 140), (120, 124, 132), (196, 190, 178))[rng.integers(4)], 14)
        shade = fractal(rng, kerb, min(front, width - x), (8, 24))
        painting[:kerb, x : x + front] = mix(shade, tuple(0.85 * c for c in wall), wall)  # type: ignore[arg-type]
        for left in range(x + 5, min(x + front, width) - 10, int(rng.integers(12, 18))):
            for top in range(4, kerb - 14, 19):
                cv2.rectangle(painting, (left, top), (left + 7, top + 11), jitter(rng, (62, 70, 84), 24), -1)
        x += front
    painting[kerb : kerb + 3] = (92, 90, 90)
    scatter(rng, painting, 40, (kerb, height), (1, 4), ((90, 88, 86), (170, 166, 160), (120, 100, 84)))
    scatter(rng, painting, 12, (kerb - 6, kerb + 6), (3, 7), ((60, 88, 50), (150, 60, 50), (60, 70, 120)))
    return painting


def reef(rng: Generator, height: int, width: int) -> FloatArray:
    """Water over rocks and corals of all colours."""
    water = _gradient(height, width, jitter(rng, (58, 142, 176), 14), jitter(rng, (20, 62, 96), 10))
    painting = water + 44 * (fractal(rng, height, width, (4, 9, 22))[..., None] - 0.5)
    corals = ((168, 84, 92), (196, 140, 70), (112, 96, 140), (96, 120, 84), (148, 132, 118), (60, 84, 104))
    scatter(rng, painting, 26, (height // 8, height), (4, 12), corals[-2:])
    scatter(rng, painting, 70, (height // 3, height), (2, 8), corals)
    return painting


def ground(rng: Generator, height: int, width: int) -> FloatArray:
    """Sand or forest floor from above, littered with leaves and pebbles."""
    low, high = (((112, 92, 66), (190, 166, 126)), ((58, 54, 34), (122, 104, 66)), ((52, 80, 40), (128, 144, 80)))[
        rng.integers(3)
    ]
    painting = mix(fractal(rng, height, width, (4, 12, 36, 72)), jitter(rng, low, 10), jitter(rng, high, 10))
    litter = ((126, 84, 40), (160, 120, 60), (84, 92, 44), (120, 112, 104), (70, 56, 44))
    scatter(rng, painting, 110, (0, height), (1.5, 6), (*litter, low, high))
    return painting


def sky(rng: Generator, height: int, width: int) -> FloatArray:
    """Clouds above tree tops."""
    clouds = np.clip(1.6 * fractal(rng, height, width, (3, 6, 13, 27)) - 0.4, 0, 1)
    painting = mix(clouds, jitter(rng, (96, 138, 188), 16), (232, 232, 230))
    trees = ((50, 70, 40), (76, 92, 50), (96, 88, 56), (64, 60, 50))
    scatter(rng, painting, 110, (round(height * 0.62), height), (3, 10), trees)
    scatter(rng, painting, 16, (height // 6, height), (2, 5), (*trees, (150, 150, 160)))
    return painting


PAINTERS: dict[str, Painter] = {"plain": plain, "street": street, "reef": reef, "ground": ground, "sky": sky}


def camouflage(rng: Generator, canvas: FloatArray, coats: Sequence[Coat], count: int, size: float) -> None:
    """Leave patches of the objects' own surfaces in the background, so that colour alone does not find them."""
    height, width = canvas.shape[:2]
    for _ in range(count):
        radius = size * rng.uniform(0.1, 0.28)
        side = min(2 * int(radius) + 2, COAT_SIZE)
        x, y = int(rng.integers(0, width - side)), int(rng.integers(height // 4, height - side))
        cover = np.zeros((side, side), np.float32)
        outline = blob(rng, radius * 0.8, 0.15) * (1, 0.7) + side / 2
        cv2.fillPoly(cover, [np.round(outline * 16).astype(np.int32)], float(rng.uniform(0.4, 0.85)), cv2.LINE_AA, 4)
        patch = coats[int(rng.integers(len(coats)))].surface[:side, :side]
        spot = canvas[y : y + side, x : x + side]
        spot += cover[..., None] * (patch * np.float32(0.9) - spot)
