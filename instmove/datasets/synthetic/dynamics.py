"""How things move: smooth steering, gaits, pauses, dashes, hops, orbits, bounces. All of it in arrays over time.

Time runs in sub-steps (``SUBSTEPS`` of them in one video frame at full rate), lengths in pixels of the frame.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d
from scipy.signal import lfilter

from instmove.datasets.synthetic.geometry import Points

SUBSTEPS = 4
"""Sub-steps in one frame at full rate; motion blur samples the neighbours of a frame's own."""
LAG = 0.88
"""How much of its orientation a body keeps from one sub-step to the next."""


def drift(rng: Generator, count: int, period: float) -> Points:
    """Smooth noise of about unit variance over ``count`` sub-steps, changing on the scale of ``period`` frames."""
    spacing = max(2.0, period * SUBSTEPS)
    knots = int(np.ceil(count / spacing)) + 3
    curve = CubicSpline(np.arange(knots), rng.normal(0, 1, knots))
    return curve(rng.uniform(0, 1) + np.arange(count) / spacing)


def _advance(speed: Points, heading: Points) -> Points:
    """Integrate speed (pixels a frame) along a heading (radians) to a path (count, 2) that starts at 0."""
    velocity = np.stack((speed * np.cos(heading), speed * np.sin(heading)), axis=-1) / SUBSTEPS
    return np.cumsum(velocity, axis=0) - velocity[0]


def _turns(rng: Generator, count: int, rate: float, period: float) -> Points:
    return rng.uniform(0, 2 * np.pi) + np.cumsum(rate * drift(rng, count, period)) / SUBSTEPS


def cruise(rng: Generator, count: int, speed: float) -> Points:
    """Steady going with gentle steering."""
    pace = speed * np.exp(0.25 * drift(rng, count, 8))
    return _advance(pace, _turns(rng, count, 0.1, 8))


def weave(rng: Generator, count: int, speed: float) -> Points:
    """Sharp turns to and fro."""
    pace = speed * np.exp(0.3 * drift(rng, count, 8))
    return _advance(pace, _turns(rng, count, 0.3, 6))


def dash(rng: Generator, count: int, speed: float) -> Points:
    """Standing, then a burst, then standing again."""
    gate = 1 / (1 + np.exp(-4 * drift(rng, count, 7)))
    return _advance(2.2 * speed * gate, _turns(rng, count, 0.2, 6))


def shuttle(rng: Generator, count: int, speed: float) -> Points:
    """To and fro about a point, as on a swing."""
    period = rng.uniform(14, 36)
    beat = 2 * np.pi * np.arange(count) / (SUBSTEPS * period) + rng.uniform(0, 2 * np.pi)
    beat += 0.3 * drift(rng, count, 10)
    reach = speed * period / 4
    path = np.stack((reach * np.sin(beat), 0.2 * reach * np.sin(0.5 * beat)), axis=-1)
    return path - path[0]


def orbit(rng: Generator, count: int, speed: float) -> Points:
    """Around an ellipse, faster and slower."""
    radius = rng.uniform(12, 30)
    beat = rng.choice((-1, 1)) * np.cumsum(speed / radius * np.exp(0.3 * drift(rng, count, 6))) / SUBSTEPS
    beat = beat + rng.uniform(0, 2 * np.pi)
    path = np.stack((1.4 * radius * np.cos(beat), 0.7 * radius * np.sin(beat)), axis=-1)
    return path - path[0]


def hop(rng: Generator, count: int, speed: float) -> Points:
    """Ballistic hops along a gently turning way: parabolas with a rest between some of them."""
    path = cruise(rng, count, speed)
    beat = np.arange(count) / (SUBSTEPS * rng.uniform(5, 9)) + rng.uniform(0, 1)
    rise = 4 * (beat % 1) * (1 - beat % 1)
    resting = rng.random(int(beat[-1]) + 2) < 0.25
    path[:, 1] -= rng.uniform(4, 12) * rise * ~resting[beat.astype(int)]
    return path


STYLES: dict[str, Callable[[Generator, int, float], Points]] = {
    "cruise": cruise,
    "weave": weave,
    "dash": dash,
    "shuttle": shuttle,
    "orbit": orbit,
    "hop": hop,
}


def fold(values: Points, low: float, high: float) -> Points:
    """Reflect a coordinate at two walls as often as it takes: the mirror image of an unbounded path."""
    span = high - low
    return low + span - np.abs((values - low) % (2 * span) - span)


def confine(path: Points, bounds: tuple[float, float, float, float], softness: float) -> Points:
    """Keep a path inside (left, top, right, bottom): a hard bounce, or with ``softness`` (frames) a U-turn."""
    left, top, right, bottom = bounds
    inside = np.stack((fold(path[:, 0], left, right), fold(path[:, 1], top, bottom)), axis=-1)
    return gaussian_filter1d(inside, softness * SUBSTEPS, axis=0) if softness > 0 else inside


@dataclass(frozen=True)
class Motion:
    """Where a body is over sub-steps: position (T, 2), heading (T,), facing (T,) in [-1, 1], gait phase and vigour."""

    position: Points
    heading: Points
    facing: Points
    phase: Points
    vigour: Points


def follow(rng: Generator, path: Points, stride: float, idle: float) -> Motion:
    """What the body does along a path: it turns with a lag, and steps once every ``stride`` pixels.

    ``idle`` is the gait rate (radians a frame) of a body at rest: wings and fins never stop.
    """
    velocity = np.gradient(path, axis=0) * SUBSTEPS
    complex_velocity = velocity[:, 0] + 1j * velocity[:, 1] + 1e-3 * np.exp(2j * np.pi * rng.random())
    lagged, _ = lfilter([1 - LAG], [1, -LAG], complex_velocity, zi=LAG * complex_velocity[:1])
    speed = np.abs(complex_velocity)
    phase = np.cumsum(2 * np.pi * speed / stride + idle) / SUBSTEPS + rng.uniform(0, 2 * np.pi)
    side, _ = lfilter([1 - LAG], [1, -LAG], np.sign(lagged.real), zi=LAG * np.sign(lagged.real[:1]))
    return Motion(
        position=path,
        heading=np.unwrap(np.angle(lagged)),
        facing=np.where(side >= 0, 1, -1) * np.maximum(np.abs(side), 0.35),
        phase=phase,
        vigour=np.clip(0.2 + gaussian_filter1d(speed, 2.0 * SUBSTEPS) / (0.15 * stride), 0.0, 1.0),
    )
