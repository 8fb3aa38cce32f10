"""Percentile intervals by resampling videos.

Frames and objects of a video are alike, so the video is the unit that is drawn; in video object segmentation, whose
metrics are means over objects, it is the object, and "videos" are names of objects (``vos_result``). The draws depend
on the seed and the number of videos only: two results on the same samples see the same draws, and their difference is
paired.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from instmove.errors import InstMoveError

DRAWS = 1000
LEVEL = 95.0

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


class Result(Protocol):
    """What every single prediction of a method on a dataset came to; metrics are made from it."""

    @property
    def videos(self) -> tuple[str, ...]:
        """Names of the videos that are drawn."""

    def same_samples(self, other: Self) -> bool:
        """Whether both results answer the same questions, so that their difference is one of methods."""


R = TypeVar("R", bound=Result)
Statistic = Callable[[R, IntArray], FloatArray]
"""A metric of a result for each weighting (draws, videos) of its videos."""


def same_in(one: R, other: R, *names: str) -> bool:
    """Whether two results are of the same videos and have equal arrays of these names."""
    return one.videos == other.videos and all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in names
    )


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval; None where it cannot be computed."""

    value: float | None
    low: float | None = None
    high: float | None = None


def draw_weights(videos: int, draws: int = DRAWS, seed: int = 0) -> IntArray:
    """How often each video is drawn, shape (draws, videos); every row sums to ``videos``."""
    generator = np.random.default_rng(seed)
    return generator.multinomial(videos, np.full(videos, 1 / videos), size=draws)


def estimate(result: R, statistic: Statistic[R], draws: int = DRAWS, seed: int = 0) -> Estimate:
    """A metric on all videos, with its interval."""
    once = np.ones((1, len(result.videos)), dtype=np.int64)
    weights = draw_weights(len(result.videos), draws, seed)
    return interval(statistic(result, once)[0], statistic(result, weights))


def interval(value: float, drawn: FloatArray) -> Estimate:
    """The estimate from a value and its bootstrap draws; draws in which it cannot be computed are left out."""
    if np.isnan(value):
        return Estimate(None)
    tail = (100.0 - LEVEL) / 2
    low, high = np.percentile(drawn[~np.isnan(drawn)], [tail, 100.0 - tail])
    return Estimate(float(value), float(low), float(high))


def require_same_samples(first: R, second: R) -> None:
    """Raise an error unless both results are predictions of the same samples."""
    if not first.same_samples(second):
        raise InstMoveError(
            f"two results differ in their samples ({len(first.videos)} and {len(second.videos)} videos); "
            "evaluate both on the same split and canvas"
        )
