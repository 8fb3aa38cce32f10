"""Driving: a road in perspective, traffic that is overtaken and overtakes, people who cross, an ego that steers.

World coordinates are metres: X to the right of the lane's middle, Z ahead of the camera.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from instmove.datasets.synthetic import backdrops
from instmove.datasets.synthetic.dynamics import SUBSTEPS, drift
from instmove.datasets.synthetic.geometry import Matrix, Points, affine
from instmove.datasets.synthetic.looks import LOOKS
from instmove.datasets.synthetic.recipes import RoadRecipe
from instmove.datasets.synthetic.scene import Actor, Film, Scene
from instmove.datasets.synthetic.scenery import pole, tree
from instmove.datasets.synthetic.shapes import PLANS
from instmove.datasets.synthetic.sprites import Part, make_sprite
from instmove.datasets.synthetic.textures import Coat, FloatArray, fractal, make_coat, mix

FOCAL = 105.0
"""Focal length in pixels."""
EYE = 1.5
"""Height of the camera above the road, in metres."""
LANE = 3.5
NEAREST = 2.4
"""Things closer than this, in metres, are beside or behind the camera."""
TILE = (96, 320)
"""Road texture: rows along the way (repeating) and columns across it."""
TEXELS = 6.0
"""Road texture pixels in a metre."""

WIDTHS = {
    "car": 1.8,
    "truck": 2.4,
    "bus": 2.5,
    "train": 14.0,
    "pedestrian": 1.75,
    "bicycle": 1.7,
    "motorcycle": 2.0,
    "rider": 1.15,
}
"""Body unit of each kind, in metres: a width, for the train and two-wheelers a length, for people a height."""
RIDES = ("bicycle", "motorcycle")


@dataclass(frozen=True)
class Ego:
    """The camera car over sub-steps, each (T,): metres travelled, the horizon's row, the view's turn in pixels."""

    travelled: Points
    horizon: Points
    yaw: Points
    size: tuple[int, int]

    def place(self, x: Points, z: Points, metres: float, lift: float = 0.0, facing: float | Points = 1.0) -> Matrix:
        """Body-to-frame maps (T, 3, 3) of an upright body at (X, Z); out of sight when it is not ahead."""
        ahead = np.maximum(z, NEAREST)
        scale = FOCAL * metres / ahead
        column = self.size[1] / 2 + FOCAL * x / ahead - self.yaw
        row = self.horizon + FOCAL * (EYE - lift) / ahead
        hidden = z < NEAREST
        return affine(0.0, scale * facing, scale, np.where(hidden, -1e5, column), row)


@dataclass(frozen=True)
class RoadBackdrop:
    """Sky and houses on a strip that turns with the ego, and the road's texture laid out to the horizon."""

    strip: FloatArray
    tile: FloatArray
    ego: Ego

    def draw(self, moment: int) -> FloatArray:
        """The background (height, width, 3) at a sub-step."""
        height, width = self.ego.size
        horizon, yaw = self.ego.horizon[moment], self.ego.yaw[moment]
        shift = np.array([[1, 0, -backdrops.BORDER[1] - yaw], [0, 1, horizon - self.strip.shape[0]]])
        picture = cv2.warpAffine(self.strip, shift, (width, height), borderMode=cv2.BORDER_REFLECT)
        image = picture.astype(np.float32, copy=False)
        rows = np.arange(int(np.ceil(horizon + 1)), height)
        z = FOCAL * EYE / (rows - horizon)[:, None]
        x = (np.arange(width) - width / 2 + yaw) * z / FOCAL
        across = x * TEXELS + TILE[1] / 2
        along = np.broadcast_to((z + self.ego.travelled[moment]) * TEXELS % TILE[0], x.shape)
        road = cv2.remap(
            self.tile, np.clip(across, 0, TILE[1] - 1).astype(np.float32), along.astype(np.float32),
            cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP,
        )  # fmt: skip
        haze = np.clip(z / 45, 0, 1).astype(np.float32)[..., None]
        image[rows[0] :] = road * (1 - haze) + haze * np.array((132, 130, 126), np.float32)
        return image


def _tile(rng: Generator) -> FloatArray:
    """Asphalt with lane markings between pavements; it repeats along the way."""
    noise = fractal(rng, *TILE, (6, 24, 48))
    noise = 0.5 * (noise + noise[::-1])
    tile = mix(noise, (74, 74, 78), (118, 116, 114))
    x = (np.arange(TILE[1]) - TILE[1] / 2) / TEXELS
    dashed = np.arange(TILE[0]) < TILE[0] // 2
    for line in (-LANE / 2, LANE / 2):
        tile[np.ix_(dashed, np.abs(x - line) < 0.16)] = (214, 212, 200)
    tile[:, np.abs(np.abs(x) - 1.5 * LANE) < 0.16] = (206, 200, 180)
    pavement = np.abs(x) > 1.5 * LANE + 1.2
    tile[:, pavement] = mix(noise[:, pavement], (118, 112, 104), (164, 158, 148))
    return tile


def _strip(rng: Generator, height: int, width: int) -> FloatArray:
    """Sky, houses and trees down to the horizon."""
    rows, columns = backdrops.BORDER
    painting = backdrops.street(rng, 2 * (height + rows), width + 2 * columns)
    skyline = painting[: height + rows]
    top = rng.uniform(0.2, 0.6) * height
    roofs = top + rows + 6 * np.repeat(rng.normal(0, 1, skyline.shape[1] // 14 + 1), 14)[: skyline.shape[1]]
    skyline[np.arange(height + rows)[:, None] < roofs] = (176, 190, 204)
    backdrops.scatter(
        rng, skyline, 24, (height + rows - 12, height + rows), (3, 8), ((58, 78, 46), (88, 92, 60), (96, 88, 84))
    )
    return skyline


def _ego(rng: Generator, recipe: RoadRecipe, count: int) -> Ego:
    rolling = 1 / (1 + np.exp(-3 * (drift(rng, count, 9) + 0.6)))
    travelled = np.cumsum(rng.uniform(*recipe.pace) * rolling) / SUBSTEPS
    horizon = 0.4 * recipe.height + 0.5 * drift(rng, count, 1.5)
    yaw = rng.uniform(*recipe.sway) * drift(rng, count, 9)
    return Ego(travelled, horizon, yaw, (recipe.height, recipe.width))


def _traffic(rng: Generator, count: int) -> tuple[Points, Points]:
    """A vehicle in a neighbouring lane or ahead: it falls back and pulls away, and may change lanes."""
    lane = float(rng.choice((-1, 0, 1, 1, -1)))
    nearest = 7.0 if lane == 0 else 3.6
    z = nearest + np.abs(rng.uniform(0, 22) + rng.uniform(2, 9) * drift(rng, count, 9))
    x = LANE * lane + 0.25 * drift(rng, count, 8)
    if rng.random() < 0.35:
        change = 1 / (1 + np.exp(-(np.arange(count) - rng.uniform(0.2, 0.8) * count) / (2.0 * SUBSTEPS)))
        x = x + change * LANE * (-np.sign(lane) if lane else rng.choice((-1, 1)))
    return x, z


def _oncoming(rng: Generator, count: int, ego: Ego) -> tuple[Points, Points]:
    steps = np.arange(count) / SUBSTEPS
    return np.full(count, -2 * LANE) + 0.2 * drift(rng, count, 9), rng.uniform(10, 60) - ego.travelled - rng.uniform(
        0.3, 1.2
    ) * steps


def _parked(rng: Generator, count: int, ego: Ego) -> tuple[Points, Points]:
    return np.full(count, rng.choice((-1, 1)) * rng.uniform(5.6, 6.4)), rng.uniform(6, 45) - ego.travelled


def _walker(rng: Generator, count: int, ego: Ego) -> tuple[Points, Points]:
    """Along the pavement or across the road, with stops."""
    gate = 1 / (1 + np.exp(-4 * (drift(rng, count, 6) + 0.5)))
    steps = np.cumsum(gate) / SUBSTEPS
    side, pace = rng.choice((-1, 1)), rng.uniform(0.15, 0.35)
    if rng.random() < 0.6:
        return side * (rng.uniform(2, 7) - pace * steps), rng.uniform(8, 26) - 0.7 * ego.travelled
    return np.full(count, side * rng.uniform(5.5, 7.5)), rng.uniform(8, 30) - ego.travelled + rng.choice(
        (-1, 1)
    ) * pace * steps


def _cross_traffic(rng: Generator, count: int, ego: Ego) -> tuple[Points, Points]:
    steps = np.arange(count) / SUBSTEPS
    side, z = rng.choice((-1, 1)), rng.uniform(24, 40)
    return side * (rng.uniform(4, 30) - rng.uniform(0.4, 1.2) * steps), z - 0.4 * ego.travelled


def _path(rng: Generator, kind: str, count: int, ego: Ego) -> tuple[Points, Points]:
    if kind == "pedestrian":
        return _walker(rng, count, ego)
    if kind == "train":
        return _cross_traffic(rng, count, ego)
    if kind in RIDES:
        x, z = _traffic(rng, count)
        return x + 1.4 * np.sign(x), z
    choice = rng.random()
    if choice < 0.55:
        return _traffic(rng, count)
    return _oncoming(rng, count, ego) if choice < 0.75 else _parked(rng, count, ego)


def _coat(rng: Generator, kind: str) -> Coat:
    if kind in ("pedestrian", "rider"):
        return LOOKS["person"].coat(rng)
    if kind == "train":
        return make_coat(rng, "plain", (170, 150, 60), (200, 196, 180))
    tones = ((176, 36, 34), (222, 222, 220), (40, 42, 46), (52, 80, 130), (150, 154, 158), (112, 116, 120))
    tone = tones[rng.integers(len(tones))]
    return make_coat(rng, "plain", tone, tone)


def _plan(kind: str) -> tuple[Part, ...]:
    name = {"pedestrian": "person", "car": "rear car", "truck": "rear truck", "bus": "rear bus"}.get(kind, kind)
    return PLANS[name]()


def _actor(rng: Generator, kind: str, number: int, category: int, ego: Ego, x: Points, z: Points, lift: float) -> Actor:
    metres = WIDTHS[kind] * rng.uniform(0.92, 1.08)
    coat = _coat(rng, kind)
    largest = FOCAL * metres / max(NEAREST, float(z.min()))
    sprites = tuple(make_sprite(rng, part, coat, min(largest, 60.0)) for part in _plan(kind))
    heading = np.gradient(FOCAL * x / np.maximum(z, NEAREST))
    facing = -1.0 if float(heading.sum()) < 0 else 1.0
    phase = 1.1 * np.cumsum(np.abs(np.gradient(x)) + np.abs(np.gradient(z + ego.travelled))) * 2.5 + rng.uniform(0, 6)
    # people's plans have their middle at the origin, all others their wheels
    raised = lift + (0.5 * metres if kind == "pedestrian" else 0.0)
    return Actor(number, category, sprites, ego.place(x, z, metres, raised, facing), -z, phase, np.full(len(z), 0.8))


def _population(rng: Generator, recipe: RoadRecipe, numbers: dict[str, int], ego: Ego, count: int) -> list[Actor]:
    kinds, weights = list(recipe.kinds), np.array(list(recipe.kinds.values()))
    actors: list[Actor] = []
    for _ in range(int(rng.integers(recipe.objects[0], recipe.objects[1] + 1))):
        kind = kinds[int(rng.choice(len(kinds), p=weights / weights.sum()))]
        x, z = _path(rng, kind, count, ego)
        actors.append(_actor(rng, kind, len(actors) + 1, numbers[kind], ego, x, z, 0.0))
        if kind in RIDES:
            actors.append(_actor(rng, "rider", len(actors) + 1, numbers["rider"], ego, x, z - 0.05, 0.95))
    return actors


def _roadside(rng: Generator, ego: Ego, count: int, number: int) -> list[Actor]:
    """Poles and trees that pass by again and again."""
    found = []
    for _ in range(number):
        parts, coat = (pole if rng.random() < 0.6 else tree)(rng, 30.0)
        x = np.full(count, rng.choice((-1, 1)) * rng.uniform(4.6, 8.0))
        z = 3.0 + (rng.uniform(0, 45) - ego.travelled) % 45
        sprites = tuple(make_sprite(rng, part, coat, 1.0) for part in parts)
        found.append(Actor(0, 0, sprites, ego.place(x, z, 0.05), -z, np.zeros(count), np.ones(count)))
    return found


def make_road_scene(rng: Generator, recipe: RoadRecipe, numbers: dict[str, int]) -> Scene:
    """A drive; ``numbers`` gives each category's id in the dataset."""
    frames = int(rng.integers(recipe.frames[0], recipe.frames[1] + 1))
    count = (frames - 1) * SUBSTEPS + 3
    ego = _ego(rng, recipe, count)
    backdrop = RoadBackdrop(_strip(rng, recipe.height // 2, recipe.width), _tile(rng), ego)
    actors = _population(rng, recipe, numbers, ego, count) + _roadside(rng, ego, count, int(rng.integers(2, 6)))
    film = Film(rng.uniform(*recipe.noise), 0.0, int(rng.random() < 0.3), 1 + 0.04 * drift(rng, count, 12))
    return Scene(backdrop, tuple(actors), film, tuple(range(1, count - 1, SUBSTEPS)), (recipe.height, recipe.width))
