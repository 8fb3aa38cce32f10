"""From a recipe to a scene: who is in it, where each goes, what stands in front, how the camera moves."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from instmove.datasets.synthetic import backdrops
from instmove.datasets.synthetic.camera import Camera, make_camera
from instmove.datasets.synthetic.dynamics import STYLES, SUBSTEPS, Motion, confine, drift, follow
from instmove.datasets.synthetic.geometry import Matrix, Points, affine
from instmove.datasets.synthetic.looks import LOOKS, Look
from instmove.datasets.synthetic.recipes import Recipe
from instmove.datasets.synthetic.scene import Actor, Canvas, Film, Scene
from instmove.datasets.synthetic.scenery import PROPS, SCREENS, PropMaker
from instmove.datasets.synthetic.sprites import make_sprite
from instmove.datasets.synthetic.textures import Coat, sibling

FASTEST = 0.15
"""Greatest speed of a clip, in body units a full-rate frame: a clip is a second or two of video."""
FRONT = 1e6
"""Depth of scenery that is in front of every object."""


@dataclass(frozen=True)
class Member:
    """One object before it has a path."""

    category: str
    look: Look
    coat: Coat
    group: int


@dataclass(frozen=True)
class Setting:
    """What all objects of a clip share."""

    recipe: Recipe
    theme: str
    count: int
    """Sub-steps in the clip."""
    unit: float
    """Body unit in pixels."""
    speed: float
    """Median speed in pixels a full-rate frame."""


def _pick(rng: Generator, low_high: tuple[float, float]) -> float:
    return float(rng.uniform(*low_high))


def cast(rng: Generator, recipe: Recipe) -> tuple[str, list[Member]]:
    """The clip's theme and its members: a group of look-alikes and, sometimes, others that live there too."""
    category = recipe.categories[rng.integers(len(recipe.categories))]
    look = LOOKS[category]
    theme = look.themes[rng.integers(len(look.themes))]
    weights = np.array(recipe.objects) / sum(recipe.objects)
    number = 1 + int(rng.choice(len(weights), p=weights))
    coat = look.coat(rng)
    others = [name for name in recipe.categories if theme in LOOKS[name].themes and name != category]
    members = []
    for k in range(number):
        if k and others and rng.random() > recipe.company:
            name = others[rng.integers(len(others))]
            members.append(Member(name, LOOKS[name], LOOKS[name].coat(rng), 1 + k))
        else:
            members.append(Member(category, look, sibling(rng, coat, recipe.likeness), 0))
    return theme, members


def paths(rng: Generator, setting: Setting, members: list[Member]) -> list[Points]:
    """A path for each member; those of the group pass near one place, each at its own moment."""
    recipe = setting.recipe
    bounds = _bounds(setting)
    centre = np.array([_pick(rng, (bounds[k] + 12, bounds[k + 2] - 12)) for k in (0, 1)])
    shared_style = members[0].look.styles[rng.integers(len(members[0].look.styles))]
    together = STYLES[shared_style](rng, setting.count, setting.speed)
    cohesion = _pick(rng, recipe.cohesion)
    found = []
    for member in members:
        style = member.look.styles[rng.integers(len(member.look.styles))]
        pace = setting.speed * np.exp(0.4 * rng.normal())
        path = STYLES[style](rng, setting.count, pace)
        if member.group == 0:
            path = cohesion * together + (1 - cohesion) * path
        if member.look.view == "side":
            path = path * (1.0, 1.0 if style == "hop" else 0.3)
        meeting = int(rng.uniform(0.1, 0.9) * setting.count)
        spread = recipe.gathering if member.group == 0 else 3 * recipe.gathering
        path = path - path[meeting] + centre + rng.normal(0, spread, 2) * (1.3, 0.7)
        softness = 0.0 if rng.random() < 0.25 else rng.uniform(0.8, 2.0)
        found.append(confine(path, bounds, softness))
    return found


def _bounds(setting: Setting) -> tuple[float, float, float, float]:
    recipe, margin = setting.recipe, setting.recipe.margin
    top = {"plain": 0.36, "street": 0.45}.get(setting.theme)
    if top is None:
        return (-margin, -margin, recipe.width + margin, recipe.height + margin)
    return (-margin, top * recipe.height, recipe.width + margin, recipe.height * 0.8)


def _matrices(rng: Generator, look: Look, motion: Motion, size: Points) -> Matrix:
    """Body-to-world maps (T, 3, 3) of a body with these sizes (T,) in pixels a body unit."""
    x, y = motion.position.T
    if look.view == "above":
        return affine(motion.heading, size, size, x, y)
    slope = np.gradient(motion.position, axis=0) * SUBSTEPS
    steep = 0.7 if look.view == "swim" else 0.12
    pitch = np.sign(motion.facing) * steep * np.tanh(slope[:, 1] / (1.5 + np.abs(slope[:, 0])))
    bob = 0.025 * size * motion.vigour * np.sin(2 * motion.phase)
    return affine(pitch, size * motion.facing, size, x, y + bob)


def _perform(
    rng: Generator, setting: Setting, member: Member, path: Points, camera: Camera, number: int, category: int
) -> Actor:
    look, recipe = member.look, setting.recipe
    upright = look.view == "side"
    nearness = 0.75 + 0.5 * path[:, 1] / recipe.height if upright else np.ones(len(path))
    unit = setting.unit * look.length * rng.uniform(0.85, 1.15)
    size = unit * nearness * np.exp(0.08 * drift(rng, setting.count, 16))
    motion = follow(rng, path, look.stride * unit, look.idle)
    sprites = tuple(make_sprite(rng, part, member.coat, float(size.max())) for part in look.body())
    # one place in the order for the whole clip: with y itself, two that stand side by side would flicker
    depth = np.full_like(path[:, 1], path[:, 1].mean() if upright else rng.uniform(0, recipe.height))
    matrices = camera.matrices() @ _matrices(rng, look, motion, size)
    return Actor(number, category, sprites, matrices, depth, motion.phase, motion.vigour)


def _screen(rng: Generator, setting: Setting, routes: list[Points]) -> tuple[PropMaker, float, Points] | None:
    """Something solid on the way of the object that goes furthest, if it goes far enough to come out again."""
    route = max(routes, key=lambda path: float(np.ptp(path, axis=0).sum()))
    if np.ptp(route, axis=0).sum() < 0.5 * setting.unit or rng.random() > setting.recipe.screened:
        return None
    makers = SCREENS[setting.theme]
    place = route[rng.integers(len(route))] + (rng.normal(0, 4), 0.45 * setting.unit)
    return makers[rng.integers(len(makers))], setting.unit * rng.uniform(0.8, 1.15), place


def _thing(rng: Generator, setting: Setting) -> tuple[PropMaker, float, Points]:
    """A thing of any kind, anywhere."""
    makers, recipe = PROPS[setting.theme], setting.recipe
    place = np.array((rng.uniform(0, recipe.width), rng.uniform(0.55, 1.05) * recipe.height))
    return makers[rng.integers(len(makers))], setting.unit * rng.uniform(0.3, 0.9), place


def _props(rng: Generator, setting: Setting, camera: Camera, routes: list[Points]) -> list[Actor]:
    """Scenery: half of it in front of everything (and moving more with the camera), half among the objects."""
    things = [(_thing(rng, setting), rng.random() < 0.5) for _ in range(round(_pick(rng, setting.recipe.props)))]
    screen = _screen(rng, setting, routes)
    if screen is not None:
        things.append((screen, True))
    found = []
    for (maker, height, (x, y)), in_front in things:
        parts, coat = maker(rng, height)
        sprites = tuple(make_sprite(rng, part, coat, 1.0) for part in parts)
        matrices = camera.matrices(1.15 if in_front else 1.0) @ affine(x=x, y=y)
        sway: Points = 0.12 * np.arange(setting.count, dtype=np.float64) + rng.uniform(0, 6)
        depth = np.full(setting.count, FRONT if in_front else y)
        found.append(Actor(0, 0, sprites, matrices, depth, sway, np.ones(setting.count)))
    return found


def _film(rng: Generator, recipe: Recipe, count: int) -> Film:
    blur = rng.random()
    return Film(
        noise=_pick(rng, recipe.noise),
        defocus=_pick(rng, (0.5, 0.9)) if recipe.blurred < blur < 1.5 * recipe.blurred else 0.0,
        shutter=1 if blur < recipe.blurred else 0,
        gain=1 + 0.05 * drift(rng, count, 12),
    )


def _backdrop(rng: Generator, setting: Setting, members: list[Member], camera: Camera) -> Canvas:
    rows, columns = backdrops.BORDER
    recipe = setting.recipe
    painting = backdrops.PAINTERS[setting.theme](rng, recipe.height + 2 * rows, recipe.width + 2 * columns)
    backdrops.camouflage(rng, painting, [m.coat for m in members], int(rng.integers(3, 12)), setting.unit)
    return Canvas(painting, (-columns, -rows), camera.matrices(), (recipe.height, recipe.width))


def make_scene(rng: Generator, recipe: Recipe, numbers: dict[str, int]) -> Scene:
    """A scene drawn from a recipe; ``numbers`` gives each category's id in the dataset."""
    theme, members = cast(rng, recipe)
    frames = int(rng.integers(recipe.frames[0], recipe.frames[1] + 1))
    step = recipe.stride * SUBSTEPS
    count = (frames - 1) * step + 3
    unit = _pick(rng, recipe.size) / (1 + 0.06 * len(members))
    speed = unit * min(FASTEST, recipe.speed * np.exp(recipe.speed_spread * rng.normal()))
    setting = Setting(recipe, theme, count, unit, float(speed))
    routes = paths(rng, setting, members)
    target = np.mean(routes, axis=0) if rng.random() < recipe.followed else None
    size = (recipe.height, recipe.width)
    camera = make_camera(rng, count, size, _pick(rng, recipe.pan), _pick(rng, recipe.shake), target)
    actors = [
        _perform(rng, setting, member, path, camera, k + 1, numbers[member.category])
        for k, (member, path) in enumerate(zip(members, routes, strict=True))
    ]
    actors += _props(rng, setting, camera, routes)
    moments = tuple(range(1, count - 1, step))
    return Scene(_backdrop(rng, setting, members, camera), tuple(actors), _film(rng, recipe, count), moments, size)
