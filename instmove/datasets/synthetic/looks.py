"""What the categories look like: body plan, coat, size, the world they live in and how they move."""

from dataclasses import dataclass
from typing import Literal

from numpy.random import Generator

from instmove.datasets.synthetic.shapes import PLANS, BodyPlan
from instmove.datasets.synthetic.textures import Coat, Colour, make_coat

View = Literal["side", "swim", "above"]
"""How a body turns: ``side`` mirrors and keeps its feet down, ``swim`` mirrors and pitches, ``above`` turns freely."""


@dataclass(frozen=True)
class Look:
    """A category; ``length`` is its body unit relative to the clip's, ``stride`` pixels a gait cycle in body units."""

    plan: str
    view: View
    themes: tuple[str, ...]
    coats: tuple[tuple[str, Colour, Colour], ...]
    length: float
    stride: float = 1.1
    idle: float = 0.0
    styles: tuple[str, ...] = ("cruise", "dash", "shuttle")

    def body(self) -> BodyPlan:
        """The category's parts."""
        return PLANS[self.plan]()

    def coat(self, rng: Generator) -> Coat:
        """A coat for a group of this category."""
        kind, low, high = self.coats[rng.integers(len(self.coats))]
        return make_coat(rng, kind, low, high)


BROWN: Colour = (92, 60, 38)
TAN: Colour = (176, 138, 92)
BLACK: Colour = (34, 32, 36)
WHITE: Colour = (226, 222, 212)
GREY: Colour = (112, 110, 112)
SILVER: Colour = (186, 190, 196)
GREEN: Colour = (74, 98, 48)
OLIVE: Colour = (128, 130, 76)
ORANGE: Colour = (224, 120, 40)
BLUE: Colour = (52, 86, 168)
RED: Colour = (176, 42, 40)
YELLOW: Colour = (224, 196, 70)

WALK = ("cruise", "cruise", "dash", "shuttle", "hop")
ROAM = ("cruise", "weave", "dash", "orbit")
GROUND = ("plain", "street")

LOOKS: dict[str, Look] = {
    "person": Look(
        "person",
        "side",
        GROUND,
        (("patches", RED, WHITE), ("plain", BLUE, GREY), ("stripes", BLACK, SILVER), ("plain", GREEN, TAN)),
        1.0,
        0.8,
        0.0,
        WALK,
    ),
    "horse": Look(
        "horse",
        "side",
        ("plain",),
        (("plain", BROWN, TAN), ("plain", BLACK, GREY), ("patches", BROWN, WHITE)),
        1.05,
        1.2,
        0.0,
        WALK,
    ),
    "zebra": Look("zebra", "side", ("plain",), (("stripes", BLACK, WHITE),), 1.0, 1.2, 0.0, WALK),
    "elephant": Look(
        "elephant",
        "side",
        ("plain",),
        (("plain", GREY, SILVER), ("plain", BROWN, GREY)),
        1.15,
        1.1,
        0.15,
        ("cruise", "dash"),
    ),
    "giraffe": Look("giraffe", "side", ("plain",), (("patches", BROWN, YELLOW),), 0.85, 1.2, 0.0, WALK),
    "dog": Look(
        "dog", "side", GROUND, (("plain", TAN, WHITE), ("patches", BLACK, WHITE)), 0.8, 0.9, 0.0, (*WALK, "weave")
    ),
    "bird": Look(
        "bird",
        "above",
        ("sky", "ground"),
        (("feathers", GREY, WHITE), ("feathers", BROWN, TAN), ("spots", BLACK, SILVER)),
        0.75,
        3.0,
        0.9,
        ROAM,
    ),
    "duck": Look(
        "duck", "above", ("reef", "ground"), (("feathers", GREEN, TAN), ("patches", BLACK, WHITE)), 0.8, 3.0, 0.3, ROAM
    ),
    "fish": Look(
        "fish",
        "swim",
        ("reef",),
        (("stripes", ORANGE, WHITE), ("scales", BLUE, SILVER), ("scales", RED, YELLOW), ("stripes", BLACK, YELLOW)),
        0.9,
        1.0,
        0.7,
        (*ROAM, "shuttle"),
    ),
    "shark": Look("shark", "swim", ("reef",), (("plain", GREY, SILVER),), 1.2, 1.2, 0.3, ROAM),
    "turtle": Look(
        "turtle",
        "above",
        ("reef", "ground"),
        (("scales", GREEN, OLIVE), ("patches", BROWN, OLIVE)),
        0.9,
        0.8,
        0.25,
        ROAM,
    ),
    "lizard": Look(
        "lizard",
        "above",
        ("ground",),
        (("spots", GREEN, OLIVE), ("spots", BROWN, TAN), ("stripes", BROWN, OLIVE)),
        0.95,
        0.7,
        0.0,
        (*ROAM, "dash"),
    ),
    "car": Look(
        "car",
        "side",
        ("street",),
        (("plain", RED, RED), ("plain", SILVER, WHITE), ("plain", BLUE, BLUE)),
        1.2,
        50.0,
        0.0,
        ("cruise", "dash", "shuttle"),
    ),
}
