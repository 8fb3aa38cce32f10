"""What was measured: values from metrics files, and paired differences from the predictions beside them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from instmove.metrics import motion_statistics, mots_result, video_ap, vos_result
from instmove.metrics.bootstrap import DRAWS, Estimate, Statistic, difference
from instmove.metrics.mots_files import load_result
from instmove.metrics.result_files import load_matches, load_samples, read_result, samples_path
from instmove.metrics.vos_files import load_objects
from instmove.reporting.cells import Result

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

    @property
    def numbers(self) -> tuple[float | None, float | None, float | None]:
        """Value, low, high."""
        return self.value, self.low, self.high


class Measurements:
    """The results of one setup, below ``folder``; differences take ``draws`` bootstrap draws and are made once."""

    def __init__(self, folder: Path, draws: int = DRAWS) -> None:
        self.folder, self.draws = folder, draws
        self._read = cache(read_result)
        self._differences: dict[tuple[Result, str], dict[str, Estimate]] = {}

    def value(self, result: Result, metric: str) -> Measurement:
        """A metric of a result."""
        path = self.folder / result.path
        if not path.exists():
            return Measurement()
        content = self._read(path)
        record = content["metrics"].get(metric, {})
        value = record.get("value")
        return Measurement(value, record.get("low"), record.get("high"), status_of(content, value))

    def gain(self, result: Result, against: str, metric: str) -> Measurement:
        """A metric minus that of the same host with the motion ``against``; nothing unless both were run.

        Scores of a server come without predictions: their difference has no interval.
        """
        base = result._replace(motion=against)
        after, before = self.value(result, metric), self.value(base, metric)
        if result == base or after.value is None or before.value is None:
            return Measurement()
        if (result, against) not in self._differences:
            self._differences[result, against] = self._compare(result, base, _kind_of(metric))
        found = self._differences[result, against].get(metric, Estimate(after.value - before.value))
        return Measurement(found.value, found.low, found.high, after.status)

    def _compare(self, first: Result, second: Result, kind: "Kind") -> dict[str, Estimate]:
        paths = [samples_path(self.folder / result.path) for result in (first, second)]
        if not all(path.exists() for path in paths):
            return {}
        after, before = (kind.load(path) for path in paths)
        return {name: difference(after, before, statistic, self.draws) for name, statistic in kind.statistics.items()}


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
    return list(_kind_of(metric).statistics)


def _kind_of(metric: str) -> Kind:
    """The kind of results that have a metric; one without intervals is compared by nothing but its values."""
    return next((kind for kind in KINDS if metric in kind.statistics), Kind(load_result, {}))
