"""Clips by number: the same (seed, world, index) is the same clip, whatever else is drawn before or beside it."""

import hashlib
from dataclasses import replace

import numpy as np
from numpy.random import Generator

from instmove.datasets.bdd100k import CATEGORIES as BDD100K
from instmove.datasets.synthetic.flowworld import FlowRecipe, make_flow_scene
from instmove.datasets.synthetic.looks import LOOKS
from instmove.datasets.synthetic.names import OVIS, YTVIS_2021
from instmove.datasets.synthetic.recipes import RECIPES, ROADS
from instmove.datasets.synthetic.render import FlowClip, draw_clip, draw_clip_with_flow
from instmove.datasets.synthetic.road import make_road_scene
from instmove.datasets.synthetic.scene import Scene
from instmove.datasets.synthetic.worlds import make_scene
from instmove.video import Clip

LOOK_IDS = {name: number for number, name in enumerate(sorted(LOOKS), start=1)}
"""Category ids of the worlds whose layout has none of its own (YouTube-VOS names them)."""
CATEGORY_IDS: dict[str, dict[str, int]] = {
    "ovis": {name.lower(): number for number, name in OVIS.items()},
    "ytvis": {name: number for number, name in YTVIS_2021.items()},
    "bdd": {name: number for number, name in BDD100K.items()},
    "davis": dict.fromkeys(LOOKS, 1),
    "ytvos": LOOK_IDS,
}
"""Category name to id, by the first part of a world's name."""
ADJECTIVES = ("quiet", "brisk", "dusty", "amber", "misty", "sunny", "windy", "mossy", "stony", "lone", "late", "early")
NOUNS = ("crossing", "herd", "bend", "meadow", "drift", "chase", "pair", "turn", "circle", "ridge", "shoal", "market")


def clip_digest(seed: int, world: str, index: int) -> bytes:
    """32 bytes that identify a clip: its random numbers and its name come from them."""
    return hashlib.sha256(f"{seed}/{world}/{index}".encode()).digest()


def clip_rng(seed: int, world: str, index: int) -> Generator:
    """The clip's own random numbers."""
    return np.random.default_rng(np.frombuffer(clip_digest(seed, world, index), np.uint32))


def clip_name(seed: int, world: str, index: int) -> str:
    """A name as the benchmark would give it: hexadecimal, in BDD100K of two halves, in DAVIS words."""
    digest = clip_digest(seed, world, index)
    if world.startswith("bdd"):
        return f"{digest.hex()[:8]}-{digest.hex()[8:16]}"
    if world.startswith("davis"):
        words = f"{ADJECTIVES[digest[0] % len(ADJECTIVES)]}-{NOUNS[digest[1] % len(NOUNS)]}"
        return f"{words}-{world.removeprefix('davis_')}-{index:02d}"
    return digest.hex()[:8] if world.startswith("ovis") else digest.hex()[:10]


def category_ids(world: str) -> dict[str, int]:
    """Ids of the categories, by our name, in the layout that a world is written in."""
    return CATEGORY_IDS[world.partition("_")[0].rstrip("21")]


def _scene(rng: Generator, world: str, frames: tuple[int, int] | None) -> Scene:
    if world in ROADS:
        road = ROADS[world]
        return make_road_scene(rng, replace(road, frames=frames or road.frames), category_ids(world))
    recipe = RECIPES[world]
    return make_scene(rng, replace(recipe, frames=frames or recipe.frames), category_ids(world))


def render_clip(seed: int, world: str, index: int, frames: tuple[int, int] | None = None) -> Clip:
    """Draw clip ``index`` of a world (a key of ``RECIPES`` or ``ROADS``).

    ``frames`` (shortest and longest, both included) overrides how many frames it has.
    """
    rng = clip_rng(seed, world, index)
    return draw_clip(rng, _scene(rng, world, frames), clip_name(seed, world, index))


def render_flow_clip(seed: int, index: int, recipe: FlowRecipe | None = None) -> FlowClip:
    """Draw a clip of the flow world with exact forward flow; ``recipe`` defaults to pairs of 96x160 frames."""
    rng = clip_rng(seed, "flow", index)
    return draw_clip_with_flow(rng, make_flow_scene(rng, recipe or FlowRecipe()), clip_name(seed, "flow", index))
