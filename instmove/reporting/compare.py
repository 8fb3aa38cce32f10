"""Two runs of a setup side by side: which numbers moved by more than chance."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from instmove.metrics.bootstrap import interval
from instmove.metrics.result_files import metrics_files, read_result
from instmove.reporting.cells import Result
from instmove.reporting.measured import Measurements
from instmove.reporting.tables import csv_text

HEADER = ("host", "benchmark", "motion", "seed", "metric", "first", "second", "change", "low", "high", "how", "moved")


@dataclass(frozen=True)
class Change:
    """A metric of a result in two runs, with the interval of what changed.

    ``how`` is ``paired`` (the same videos and objects: the interval is that of the differences) or ``unpaired`` (the
    interval reaches as far as the two intervals allow).
    """

    result: Result
    metric: str
    first: float
    second: float
    low: float
    high: float
    how: str

    def __str__(self) -> str:
        bounds = f"[{self.low:+.4f}, {self.high:+.4f}]"
        place = f"{self.result.folder} seed {self.result.seed} {self.metric}"
        return f"{place}: {self.first:.4f} -> {self.second:.4f} ({self.change:+.4f} {bounds})"

    @property
    def change(self) -> float:
        """How much larger it is in the second run."""
        return self.second - self.first

    @property
    def moved(self) -> bool:
        """Whether it moved by more than its interval."""
        return not self.low <= 0 <= self.high


def compare_runs(first: Path, second: Path) -> tuple[list[Change], list[str]]:
    """What both results folders have, and a line for each result that one of them lacks."""
    before, after = (list(map(Result.at, metrics_files(folder))) for folder in (first, second))
    changes = [change for result in before if result in after for change in _changes(first, second, result)]
    alone = {
        first: [each for each in before if each not in after],
        second: [each for each in after if each not in before],
    }
    return changes, [f"{each.path}: only in {folder}" for folder, results in alone.items() for each in results]


def _changes(first: Path, second: Path, result: Result) -> Iterator[Change]:
    runs = [Measurements(folder) for folder in (first, second)]
    before, after = (read_result(folder / result.path)["metrics"] for folder in (first, second))
    for metric in before:
        if metric in after and _has_interval(before[metric]) and _has_interval(after[metric]):
            low, high, how = _bounds(before[metric], after[metric])
            drawn = [run.drawn(result, metric) for run in runs] if _paired(runs, result, metric) else []
            draws = [each.draws for each in drawn if each is not None and each.draws is not None]
            if len(draws) == 2:
                found = interval(0.0, draws[1] - draws[0])
                low, high, how = found.low or 0.0, found.high or 0.0, "paired"
            yield Change(result, metric, before[metric]["value"], after[metric]["value"], low, high, how)


def _paired(runs: list[Measurements], result: Result, metric: str) -> bool:
    """Whether both runs have the predictions behind a metric, of the same videos."""
    one, other = (run.predictions(result, metric) for run in runs)
    return one is not None and other is not None and one.same_samples(other)


def _has_interval(record: Mapping[str, Any]) -> bool:
    return record.get("low") is not None and record.get("high") is not None


def _bounds(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[float, float, str]:
    return after["low"] - before["high"], after["high"] - before["low"], "unpaired"


def changes_csv(changes: list[Change]) -> str:
    """A line for each metric of each result, in full precision."""
    lines = [
        [
            *map(str, each.result),
            each.metric,
            *map(repr, (each.first, each.second, each.change, each.low, each.high)),
            each.how,
            "yes" if each.moved else "no",
        ]
        for each in changes
    ]
    return csv_text([HEADER, *lines])
