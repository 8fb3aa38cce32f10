"""Body plans: what each category is made of, in body lengths. One function for each family of shapes."""

from collections.abc import Callable
from functools import partial
from math import cos, pi, sin

import numpy as np

from instmove.datasets.synthetic.geometry import Bend
from instmove.datasets.synthetic.outlines import box, ellipse, limb, smooth
from instmove.datasets.synthetic.sprites import Part, shadow

BodyPlan = tuple[Part, ...]
"""Parts in the order they are drawn."""
DARK = (24.0, 22.0, 26.0)
GLASS = (70.0, 92.0, 110.0)
TYRE = (30.0, 30.0, 34.0)


def quadruped(
    girth: float = 0.17, leg: float = 0.36, neck: float = 0.3, lift: float = 0.9, head: float = 0.11, trunk: float = 0.0
) -> BodyPlan:
    """A four-legged animal from the side: ``lift`` is the neck's angle above the horizontal in radians."""
    shoulder, hip, foot = (0.3, 0.02), (-0.32, 0.02), girth * 0.6 + leg
    face = (0.34 + neck * cos(lift), -0.06 - neck * sin(lift))
    torso = smooth(
        [
            (-0.46, -0.1),
            (-0.2, -girth),
            (0.15, -girth * 0.9),
            (0.42, -0.12),
            (0.42, 0.08),
            (0.1, girth),
            (-0.25, girth * 0.8),
            (-0.44, 0.06),
        ]
    )
    leg_part = partial(Part, swing=0.48)
    legs = [
        leg_part(limb((x, y + 0.05), (x, foot), 0.13, 0.07), (x, y), lag=lag, shade=shade)
        for (x, y), lag, shade in ((hip, 0.0, 0.62), (shoulder, pi, 0.62), (hip, pi, 1.0), (shoulder, 0.3, 1.0))
    ]
    skull = smooth(
        [
            (face[0] - 0.08, face[1] - head),
            (face[0] + 0.08, face[1] - head * 0.7),
            (face[0] + 0.2, face[1] + head * 0.5),
            (face[0] + 0.12, face[1] + head * 0.9),
            (face[0] - 0.06, face[1] + head * 0.7),
        ]
    )
    eye = (ellipse(face[0] + 0.05, face[1] - head * 0.2, 0.025, 0.025), DARK)
    ear = limb((face[0] - 0.04, face[1] - head * 0.7), (face[0] - 0.07, face[1] - head * 1.7), 0.07, 0.03)
    nodding = partial(Part, pivot=(0.34, -0.02), swing=0.1, rate=2.0)
    parts = [
        shadow(0.5, foot),
        *legs[:2],
        Part(limb((-0.44, -0.08), (-0.62, 0.22), 0.05, 0.03), (-0.44, -0.08), swing=0.5, rate=0.5, surface="detail"),
        Part(torso, bend=Bend(0.012, 5.0)),
        nodding(limb((0.32, -0.02), face, 0.22, 0.13)),
        nodding(skull, decals=(eye,)),
        nodding(ear, surface="detail"),
        *legs[2:],
    ]
    if trunk:
        tip = (face[0] + 0.2, face[1] + trunk)
        parts.insert(
            7, Part(limb((face[0] + 0.12, face[1]), tip, 0.1, 0.05), (face[0] + 0.12, face[1]), swing=0.5, rate=0.4)
        )
        parts.append(nodding(ellipse(face[0] - 0.1, face[1] + 0.02, 0.1, 0.14), shade=0.8))
    return tuple(parts)


def fish(depth: float = 0.2, fork: float = 0.2) -> BodyPlan:
    """A fish from the side that swims by a wave growing towards the tail."""
    wave = Bend(0.15, 5.0, (0.25, -0.9, 0.9))
    body = smooth(
        [
            (0.5, 0.0),
            (0.3, -depth * 0.8),
            (0.0, -depth),
            (-0.3, -0.06),
            (-0.34, 0.0),
            (-0.3, 0.06),
            (0.0, depth),
            (0.3, depth * 0.8),
        ]
    )
    tail = smooth(
        [(-0.28, 0.0), (-0.42, -fork * 0.8), (-0.54, -fork), (-0.46, 0.0), (-0.54, fork), (-0.42, fork * 0.8)]
    )
    fin = smooth([(0.15, -depth * 0.8), (-0.05, -depth * 1.55), (-0.2, -depth * 1.3), (-0.14, -depth * 0.6)])
    eye = (ellipse(0.36, -0.05, 0.035, 0.035), DARK)
    return (
        Part(tail, bend=wave, surface="detail"),
        Part(fin, bend=wave, surface="detail", shade=0.85),
        Part(body, bend=wave, decals=(eye,)),
        Part(limb((0.12, 0.05), (-0.06, 0.16), 0.1, 0.05), (0.12, 0.05), swing=0.6, surface="detail", shade=0.8),
    )


def bird(span: float = 0.62, tail: float = 0.3) -> BodyPlan:
    """A bird from above: both wings fold towards the body as they beat."""
    body = smooth([(0.42, 0.0), (0.3, -0.1), (0.0, -0.13), (-0.35, -0.05), (-0.35, 0.05), (0.0, 0.13), (0.3, 0.1)])
    beak = limb((0.4, 0.0), (0.52, 0.0), 0.07, 0.02)
    wings = [
        Part(
            smooth(
                [(0.2, 0.0), (0.16, side * span * 0.6), (-0.06, side * span), (-0.2, side * span * 0.8), (-0.16, 0.0)]
            ),
            (0.0, 0.0),
            rest=side * 0.1,
            swing=side * 0.25,
            squash=0.55,
            shade=0.85,
        )
        for side in (-1, 1)
    ]
    fan = smooth([(-0.28, 0.0), (-0.34 - tail, -0.14), (-0.36 - tail, 0.0), (-0.34 - tail, 0.14)])
    return (
        Part(fan, surface="detail", swing=0.12, rate=0.5, pivot=(-0.28, 0.0)),
        *wings,
        Part(beak, surface=(220.0, 150.0, 40.0)),
        Part(body),
    )


def turtle() -> BodyPlan:
    """A turtle from above: four flippers around a patterned shell."""
    flippers = [
        Part(limb((x, y), (x + reach, 2.6 * y), 0.17, 0.08), (x, y), swing=side * 0.55, lag=lag, surface="detail")
        for x, y, reach, side, lag in (
            (0.24, -0.2, 0.06, -1, 0.0),
            (0.24, 0.2, 0.06, 1, 0.0),
            (-0.28, -0.17, -0.14, -1, pi),
            (-0.28, 0.17, -0.14, 1, pi),
        )
    ]
    head = Part(ellipse(0.48, 0.0, 0.13, 0.1), (0.36, 0.0), swing=0.2, rate=0.5, surface="detail")
    rim = Part(ellipse(0.0, 0.0, 0.42, 0.33), surface="detail", shade=0.7)
    return (*flippers, head, rim, Part(ellipse(0.0, 0.0, 0.38, 0.29)))


def lizard(tail: float = 0.6) -> BodyPlan:
    """A lizard from above: a long body in a travelling wave, sprawling legs in step with it."""
    wave = Bend(0.13, 6.5, (0.5, -0.5, 0.3))
    body = smooth(
        [
            (0.48, 0.0),
            (0.4, -0.09),
            (0.27, -0.05),
            (0.1, -0.1),
            (-0.15, -0.08),
            (-0.25 - tail, 0.0),
            (-0.15, 0.08),
            (0.1, 0.1),
            (0.27, 0.05),
            (0.4, 0.09),
        ]
    )
    legs = [
        Part(limb((x, 0.0), (x + 0.02, side * 0.26), 0.08, 0.05), (x, 0.0), swing=0.5, lag=lag)
        for x, side, lag in ((0.2, -1, 0.0), (0.2, 1, pi), (-0.12, -1, pi), (-0.12, 1, 0.0))
    ]
    return (*legs, Part(body, bend=wave))


def person(build: float = 1.0) -> BodyPlan:
    """A walker from the side, one unit tall: coat on the torso, plain legs, skin, swinging arms and legs."""
    skin, w = (196.0, 150.0, 122.0), 0.12 * build
    leg, arm = partial(Part, swing=0.55, surface="detail"), partial(Part, swing=0.7)
    return (
        shadow(0.25, 0.5),
        arm(limb((0, -0.24), (0.02, 0.05), 0.08, 0.06), (0, -0.24), lag=pi, shade=0.65),
        leg(limb((0, 0.02), (0, 0.5), 0.13, 0.09), (0, 0.02), lag=0.0, shade=0.7),
        leg(limb((0, 0.02), (0, 0.5), 0.13, 0.09), (0, 0.02), lag=pi),
        Part(smooth([(-w, -0.28), (0.0, -0.33), (w, -0.28), (w * 0.8, 0.06), (-w * 0.8, 0.06)])),
        Part(
            ellipse(0.01, -0.41, 0.075, 0.09),
            (0, -0.33),
            swing=0.08,
            rate=0.5,
            surface=skin,
            decals=((box(-0.1, -0.55, 0.1, -0.44), DARK),),
        ),
        arm(limb((0, -0.24), (0.02, 0.05), 0.08, 0.06), (0, -0.24), lag=0.0),
    )


def car(height: float = 0.3, bonnet: float = 0.24) -> BodyPlan:
    """A car, van or bus from the side: ``bonnet`` 0 makes a box."""
    roof = -0.02 - height
    nose = 0.5 - bonnet
    hull = [(-0.5, 0.08), (-0.5, -0.1), (-0.42, roof), (nose - 0.1, roof), (nose, -0.08), (0.49, -0.03), (0.5, 0.08)]
    panes = tuple((box(x, roof + 0.06, x + 0.17, -0.1), GLASS) for x in (-0.4, -0.19, 0.02) if x + 0.17 < nose)
    lamps = ((box(0.45, -0.02, 0.5, 0.03), (240.0, 225.0, 150.0)), (box(-0.5, -0.05, -0.46, 0.0), (200.0, 30.0, 30.0)))
    wheels = [
        Part(ellipse(x, 0.09, 0.095, 0.095), surface=TYRE, decals=((ellipse(x, 0.09, 0.04, 0.04), (150.0,) * 3),))
        for x in (-0.3, 0.3)
    ]
    return (shadow(0.52, 0.18), Part(np.array(hull), decals=panes + lamps), *wheels)


def rear(height: float = 0.8, cabin: float = 0.55) -> BodyPlan:
    """A vehicle from behind or in front, one unit wide, wheels at y = 0: ``cabin`` is where its windows start."""
    hull = smooth(
        [(-0.5, -0.12), (-0.5, -height * cabin), (-0.4, -height), (0.4, -height), (0.5, -height * cabin), (0.5, -0.12)]
    )
    pane = np.array([(-0.4, -height * cabin), (-0.34, -height * 0.92), (0.34, -height * 0.92), (0.4, -height * cabin)])
    lamp = (205.0, 40.0, 36.0)
    decals = (
        (pane, GLASS),
        (box(-0.47, -0.42, -0.34, -0.32), lamp),
        (box(0.34, -0.42, 0.47, -0.32), lamp),
        (box(-0.12, -0.3, 0.12, -0.22), (220.0, 220.0, 210.0)),
        (box(-0.48, -0.17, 0.48, -0.1), DARK),
    )
    tyres = tuple(Part(box(x - 0.08, -0.2, x + 0.08, 0.0), surface=TYRE) for x in (-0.36, 0.36))
    return (shadow(0.55, 0.0), *tyres, Part(hull, decals=decals))


def train() -> BodyPlan:
    """A tram from the side, one unit long, wheels at y = 0."""
    panes = tuple((box(x, -0.24, x + 0.07, -0.14), GLASS) for x in np.arange(-0.46, 0.42, 0.1))
    return (shadow(0.5, 0.0), Part(box(-0.5, -0.3, 0.5, -0.02), decals=panes))


def two_wheeler(motor: float = 0.0) -> BodyPlan:
    """A bicycle from the side, one unit long, wheels at y = 0; ``motor`` thickens it to a motorcycle."""
    tyre = 0.045 + 0.03 * motor
    wheels = [
        Part(
            limb(
                (x + r * np.cos(a), -0.22 + r * np.sin(a)),
                (x + r * np.cos(b), -0.22 + r * np.sin(b)),
                tyre * 2,
                tyre * 2,
            ),
            surface=TYRE,
        )
        for x in (-0.32, 0.32)
        for r in (0.19,)
        for a, b in zip(np.arange(0, 5.9, 1.05), np.arange(1.05, 6.9, 1.05), strict=False)
    ]
    frame = smooth(
        [
            (-0.32, -0.24),
            (-0.1, -0.5 - 0.05 * motor),
            (0.24, -0.52),
            (0.32, -0.24),
            (0.2, -0.3 + 0.12 * motor),
            (-0.05, -0.24 + 0.12 * motor),
        ]
    )
    bar = Part(limb((0.3, -0.24), (0.2, -0.66), 0.07, 0.05), surface="detail")
    return (shadow(0.45, 0.0), *wheels, Part(frame), bar)


def rider() -> BodyPlan:
    """Someone seated, one unit tall, the saddle at y = 0: pedalling legs, arms forward."""
    skin = (196.0, 150.0, 122.0)
    leg = partial(Part, swing=0.45, surface="detail", rest=-0.25)
    return (
        leg(limb((0.0, 0.0), (0.08, 0.5), 0.16, 0.09), lag=pi, shade=0.7),
        Part(smooth([(-0.14, 0.06), (-0.08, -0.4), (0.1, -0.46), (0.18, -0.36), (0.12, 0.08)])),
        Part(ellipse(0.08, -0.6, 0.11, 0.12), surface=skin, decals=((box(-0.05, -0.74, 0.21, -0.62), DARK),)),
        Part(limb((0.08, -0.36), (0.36, -0.12), 0.1, 0.07)),
        leg(limb((0.0, 0.0), (0.08, 0.5), 0.16, 0.09)),
    )


PLANS: dict[str, Callable[[], BodyPlan]] = {
    "person": person,
    "horse": quadruped,
    "zebra": lambda: quadruped(girth=0.18, leg=0.32, neck=0.26),
    "elephant": lambda: quadruped(girth=0.26, leg=0.26, neck=0.16, lift=0.35, head=0.16, trunk=0.42),
    "giraffe": lambda: quadruped(girth=0.17, leg=0.5, neck=0.62, lift=1.15, head=0.08),
    "dog": lambda: quadruped(girth=0.13, leg=0.24, neck=0.14, lift=0.7, head=0.12),
    "fish": fish,
    "shark": lambda: fish(depth=0.13, fork=0.24),
    "bird": bird,
    "duck": lambda: bird(span=0.42, tail=0.12),
    "turtle": turtle,
    "lizard": lizard,
    "car": car,
    "rear car": rear,
    "rear truck": lambda: rear(1.35, 0.8),
    "rear bus": lambda: rear(1.25, 0.5),
    "train": train,
    "bicycle": two_wheeler,
    "motorcycle": lambda: two_wheeler(1.0),
    "rider": rider,
}
