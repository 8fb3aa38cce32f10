"""One number from several seeds: networks trained anew differ as videos do, so both are drawn together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from instmove.metrics.bootstrap import FloatArray, interval


@dataclass(frozen=True)
class Drawn:
    """A number on all videos and, where predictions are at hand, on every bootstrap draw of them, (draws,)."""

    value: float
    draws: FloatArray | None = None
    units: tuple[str, ...] = ()
    """What is drawn: names of videos or of objects."""


@dataclass(frozen=True)
class OverSeeds:
    """The mean over seeds, its 95 % interval, and the standard deviation over them; None where there is none."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    spread: float | None = None


def over_seeds(values: Sequence[float | None], drawn: Sequence[Drawn | None]) -> OverSeeds:
    """Put the seeds together: a value and its draws for each; no mean unless every seed has a value.

    A draw is the mean over as many seeds as there are, drawn with replacement, each on the same draw of the videos.
    """
    known = [value for value in values if value is not None]
    if not known or len(known) < len(values):
        return OverSeeds()
    value = float(np.mean(known))
    spread = float(np.std(known, ddof=1)) if len(known) > 1 else None
    draws = [each.draws for each in drawn if each is not None and each.draws is not None]
    if len(draws) < len(known):
        return OverSeeds(value, spread=spread)
    found = interval(value, resampled(np.array(draws)))
    return OverSeeds(value, found.low, found.high, spread)


def resampled(draws: FloatArray) -> FloatArray:
    """The mean over seeds for every draw, from (seeds, draws); the seeds are drawn with a fixed generator."""
    seeds, count = draws.shape
    chosen = np.random.default_rng(0).integers(0, seeds, (seeds, count))
    return np.take_along_axis(draws, chosen, axis=0).mean(axis=0)
