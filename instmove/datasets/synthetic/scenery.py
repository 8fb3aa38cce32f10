"""Things in front that are not objects: trunks, bushes, fences, poles, kelp, corals, branches, leaves."""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from instmove.datasets.synthetic.geometry import Bend, Points
from instmove.datasets.synthetic.outlines import blob, box, limb
from instmove.datasets.synthetic.sprites import Part
from instmove.datasets.synthetic.textures import Coat, Colour, make_coat

Prop = tuple[tuple[Part, ...], Coat]
"""Parts in pixels around the foot point (0, 0), y down, and their surface."""
PropMaker = Callable[[Generator, float], Prop]


def _leaves(rng: Generator) -> Coat:
    low, high = (((40, 62, 28), (104, 124, 60)), ((70, 66, 34), (140, 120, 66)), ((36, 54, 40), (90, 110, 84)))[
        rng.integers(3)
    ]
    return make_coat(rng, "spots" if rng.random() < 0.5 else "feathers", low, high)


def _bark(rng: Generator) -> Coat:
    return make_coat(rng, "feathers", (66, 50, 38), (128, 106, 84))


def _lump(rng: Generator, x: float, y: float, radius: float, flat: float = 0.8) -> Points:
    return blob(rng, radius, 0.14) * (1, flat) + (x, y)


def bush(rng: Generator, height: float) -> Prop:
    """Overlapping rough lumps of leaves, ``height`` pixels tall."""
    lumps = [
        Part(_lump(rng, rng.uniform(-0.5, 0.5) * height, -rng.uniform(0.2, 0.6) * height, 0.42 * height))
        for _ in range(3)
    ]
    return tuple(lumps), _leaves(rng)


def tree(rng: Generator, height: float) -> Prop:
    """A trunk that runs out of the picture."""
    width, lean = rng.uniform(4, 9), rng.uniform(-8, 8)
    return (Part(limb((0, 0), (lean, -130), width, width * 0.8)),), _bark(rng)


def pole(rng: Generator, height: float) -> Prop:
    """A thin post with a sign on it."""
    sign_colour: Colour = ((190, 40, 40), (40, 80, 160), (220, 200, 60))[rng.integers(3)]
    width, top = rng.uniform(2.5, 5), rng.uniform(40, 80)
    post = Part(box(-width / 2, -110, width / 2, 0), surface=(118.0, 120.0, 124.0))
    sign = Part(box(-7, -top - 7, 7, -top + 7), surface=sign_colour)
    return (post, sign), _bark(rng)


def wall(rng: Generator, height: float) -> Prop:
    """A low wall or kiosk."""
    width = rng.uniform(0.6, 1.4) * height
    return (Part(box(-width / 2, -0.7 * height, width / 2, 0)),), make_coat(
        rng, "scales", (110, 84, 72), (170, 150, 134)
    )


def fence(rng: Generator, height: float) -> Prop:
    """Pickets on two rails: objects behind it are seen in slices."""
    pitch, count = rng.uniform(8, 13), int(rng.integers(4, 8))
    tall = 0.6 * height
    pickets = [Part(box(k * pitch - 1.6, -tall, k * pitch + 1.6, 0)) for k in range(count)]
    rails = [Part(box(-4, -y * tall - 1, (count - 1) * pitch + 4, -y * tall + 1), shade=0.8) for y in (0.25, 0.75)]
    return (*rails, *pickets), make_coat(rng, "feathers", (120, 100, 80), (196, 186, 170))


def rock(rng: Generator, height: float) -> Prop:
    """A boulder."""
    return (Part(_lump(rng, 0, -0.3 * height, 0.5 * height, 0.75)),), make_coat(
        rng, "patches", (84, 80, 76), (136, 130, 120)
    )


def kelp(rng: Generator, height: float) -> Prop:
    """Strands that sway; drawn along x and turned upright by the joint."""
    strands = []
    for _ in range(int(rng.integers(2, 4))):
        start, reach = rng.uniform(-0.3, 0.3) * height, rng.uniform(1.3, 2.6) * height
        strands.append(
            Part(
                limb((0, start), (reach, start), 6, 3),
                (0, 0),
                rest=-np.pi / 2,
                bend=Bend(5.0, 0.09, (0.2, 1 / max(reach, 1), 0.0)),
            )
        )
    return tuple(strands), make_coat(rng, "spots", (58, 72, 30), (120, 116, 50))


def coral(rng: Generator, height: float) -> Prop:
    """A fan of fingers."""
    angles = np.linspace(-1.0, 1.0, 5) + rng.uniform(-0.1, 0.1, 5)
    fingers = [
        Part(limb((0, 0), (height * np.sin(a), -height * np.cos(a)), 0.24 * height, 0.16 * height)) for a in angles
    ]
    low = ((150, 70, 84), (190, 130, 60), (110, 90, 140))[rng.integers(3)]
    return tuple(fingers), make_coat(rng, "spots", low, (220, 200, 190))


def branch(rng: Generator, height: float) -> Prop:
    """A branch across the picture with leaves on it."""
    reach, droop = rng.uniform(60, 150), rng.uniform(-50, 50)
    wood = Part(limb((-reach / 2, -droop / 2), (reach / 2, droop / 2), rng.uniform(5, 9), 3), surface="detail")
    leaves = [
        Part(_lump(rng, s * reach / 2, s * droop / 2 + rng.uniform(-8, 8), 0.25 * height))
        for s in rng.uniform(-0.9, 0.9, 3)
    ]
    return (wood, *leaves), _leaves(rng)


PROPS: dict[str, tuple[PropMaker, ...]] = {
    "plain": (bush, tree, rock, fence),
    "street": (pole, wall, bush, tree),
    "reef": (kelp, coral, rock),
    "ground": (branch, rock, bush),
    "sky": (branch, tree, branch),
}

SCREENS: dict[str, tuple[PropMaker, ...]] = {
    "plain": (bush, rock),
    "street": (wall, bush),
    "reef": (rock, bush),
    "ground": (bush, rock),
    "sky": (bush,),
}
"""What hides an object altogether."""
