"""What was measured: values from metrics files, and paired differences from the predictions beside them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from instmove.metrics import motion_statistics, mots_result, video_ap, vos_result
from instmove.metrics.bootstrap import DRAWS, Statistic, draw_weights, require_same_samples
from instmove.metrics.motion_files import load_samples
from instmove.metrics.mots_files import load_result
from instmove.metrics.result_files import read_result, samples_path
from instmove.metrics.video_ap_files import load_matches
from instmove.metrics.vos_files import load_objects
from instmove.reporting.cells import Result
from instmove.reporting.over_seeds import Drawn, OverSeeds, over_seeds

VIDEO_METRICS = ("AP", "AP50", "AP75", "AR1", "AR10")
"""What the paper's tables show of video AP."""


@dataclass(frozen=True)
class Measurement:
    """A value with its interval, None where there is none, and where it comes from.

    ``status`` is ``ok``, ``server`` (the benchmark's own server scored it), ``submission`` (written for the server,
    whose scores are missing), ``undefined`` (the data leave nothing to compute it from) or ``not run``.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    status: str = "not run"
    spread: float | None = None
    """Standard deviation over the seeds, where there is more than one."""

    @property
    def numbers(self) -> tuple[float | None, float | None, float | None]:
        """Value, low, high."""
        return self.value, self.low, self.high


class Numbers(Protocol):
    """Where the numbers of a table come from."""

    def value(self, result: Result, metric: str) -> Measurement:
        """A metric of a result."""

    def gain(self, result: Result, against: str, metric: str) -> Measurement:
        """A metric minus that of the same host with the motion ``against``."""


class Measurements:
    """The results of one setup, below ``folder``, over all seeds that there are of them, of those that ``seeds`` says.

    A result that no seed changes is there with the first one alone and stands for all. Intervals take ``draws``
    bootstrap draws of the videos and, where there are several seeds, of these too; every result is drawn once.
    """

    def __init__(
        self, folder: Path, seeds: Callable[[str], Sequence[int]] = lambda host: (0,), draws: int = DRAWS
    ) -> None:
        self.folder, self.seeds, self.draws = folder, seeds, draws
        self._read = cache(read_result)
        self._load = lru_cache(maxsize=8)(_load)
        self._drawn: dict[tuple[Result, str, int], Drawn | None] = {}

    def value(self, result: Result, metric: str) -> Measurement:
        """A metric of a result; the mean, if there are several seeds of it."""
        found = self._found(result)
        if not found:
            return Measurement()
        contents = [self._read(self.folder / each.path) for each in found]
        records = [content["metrics"].get(metric, {}) for content in contents]
        status = status_of(contents[0], records[0].get("value"))
        if len(found) == 1:
            value, low, high = (records[0].get(key) for key in ("value", "low", "high"))
            return Measurement(value, low, high, status)
        values = [record.get("value") for record in records]
        return _measurement(over_seeds(values, [self.drawn(each, metric) for each in found]), status)

    def gain(self, result: Result, against: str, metric: str) -> Measurement:
        """A metric minus that of the same host with the motion ``against``; nothing unless both were run.

        Scores of a server come without predictions: their difference has no interval.
        """
        pairs = self.pairs(result, result._replace(motion=against))
        if result.motion == against or not pairs:
            return Measurement()
        effects = [self.effect(pair, metric) for pair in pairs]
        found = over_seeds([None if effect is None else effect.value for effect in effects], effects)
        return Measurement() if found.value is None else _measurement(found, self.value(result, metric).status)

    def pairs(self, result: Result, base: Result) -> list[tuple[Result, Result]]:
        """The two results for each seed of the first; empty unless both were run."""
        bases = self._found(base)
        own = {each.seed: each for each in bases}
        return [(each, own.get(each.seed, bases[0])) for each in self._found(result)] if bases else []

    def effect(self, pair: tuple[Result, Result], metric: str, relative: bool = False, stream: int = 0) -> Drawn | None:
        """The first result's metric minus the second's, as a share of the second's if ``relative``.

        ``stream`` is the seed of the draws: equal streams draw the same videos. None where there is no value.
        """
        values = [self._read(self.folder / each.path)["metrics"].get(metric, {}).get("value") for each in pair]
        if None in values or (relative and values[1] == 0):
            return None
        value = (values[0] - values[1]) / (values[1] if relative else 1)
        after, before = (self.drawn(each, metric, stream) for each in pair)
        if after is None or before is None or after.draws is None or before.draws is None:
            return Drawn(value)
        require_same_samples(*(self.predictions(each, metric) for each in pair))
        with np.errstate(divide="ignore", invalid="ignore"):
            draws = (after.draws - before.draws) / (before.draws if relative else 1)
        return Drawn(value, np.where(np.isfinite(draws), draws, np.nan), after.units)

    def drawn(self, result: Result, metric: str, stream: int = 0) -> Drawn | None:
        """A metric of a result on every bootstrap draw; None without the predictions behind it."""
        key = (result, metric, stream)
        if key not in self._drawn:
            self._drawn[key] = self._draw(*key)
        return self._drawn[key]

    def predictions(self, result: Result, metric: str) -> Any:
        """What a metric of a result is made from, None if it is not at hand."""
        path, kind = samples_path(self.folder / result.path), _kind_of(metric)
        return self._load(path, kind.load) if path.exists() and kind is not None else None

    def _draw(self, result: Result, metric: str, stream: int) -> Drawn | None:
        kind, found = _kind_of(metric), self.predictions(result, metric)
        if kind is None or found is None:
            return None
        statistic = kind.statistics[metric]
        weights = draw_weights(len(found.videos), self.draws, stream)
        once = np.ones((1, len(found.videos)), dtype=np.int64)
        return Drawn(float(statistic(found, once)[0]), statistic(found, weights), tuple(found.videos))

    def _found(self, result: Result) -> list[Result]:
        """This result for every seed that was run."""
        wanted = [result._replace(seed=seed) for seed in self.seeds(result.host)]
        return [each for each in wanted if (self.folder / each.path).exists()]


def _load(path: Path, load: Callable[[Path], Any]) -> Any:
    return load(path)


def _measurement(found: OverSeeds, status: str) -> Measurement:
    return Measurement(found.value, found.low, found.high, status, found.spread)


def status_of(content: Mapping[str, Any], value: float | None) -> str:
    """Where a value of a metrics file comes from (see :class:`Measurement`)."""
    return content.get("status", "undefined" if value is None else "ok")


class Kind(NamedTuple):
    """Results that are scored alike: how what is behind a metrics file is read, and what is computed from it."""

    load: Callable[[Path], Any]
    statistics: Mapping[str, Statistic[Any]]


KINDS = (
    Kind(load_samples, motion_statistics.STATISTICS),
    Kind(load_matches, {name: video_ap.STATISTICS[name] for name in VIDEO_METRICS}),
    Kind(load_result, mots_result.STATISTICS),
    Kind(load_objects, vos_result.STATISTICS["davis"]),
    Kind(load_objects, vos_result.STATISTICS["ytvos"]),
)
"""No two of them have a metric of the same name."""


def metric_names(metric: str) -> list[str]:
    """The metrics that results with this one are compared in."""
    kind = _kind_of(metric)
    return [] if kind is None else list(kind.statistics)


def _kind_of(metric: str) -> Kind | None:
    """The kind of results that have a metric; None for one without intervals, which is compared by its values alone."""
    return next((kind for kind in KINDS if metric in kind.statistics), None)
