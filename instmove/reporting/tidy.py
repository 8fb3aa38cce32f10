"""A table's results as a long CSV: one line for each result, metric, and motion that it is compared with."""

from collections.abc import Iterator
from itertools import product

from instmove.reporting.build import is_count, paper_of, printed
from instmove.reporting.cells import Description, Fields, Result, result_of
from instmove.reporting.measured import Measurement, Measurements, metric_names
from instmove.reporting.paper import require_known
from instmove.reporting.tables import csv_text

HEADER = (
    *("label", "variant", "host", "benchmark", "motion", "seed", "metric", "value", "low", "high", "status", "paper"),
    *("against", "delta", "delta_low", "delta_high", "spread", "delta_spread"),
)


def tidy_csv(description: Description, measurements: Measurements, seed: int) -> str:
    """All metrics of a table's results that have an interval, and those that it shows: fractions and counts in full
    precision, empty where there is none.

    ``delta`` is the paired difference from the motion ``against`` of the same host, with its interval. ``seed`` is the
    first; of several, the numbers are means and the spreads are standard deviations over them.
    """
    return csv_text([HEADER, *_lines(description, measurements, seed)])


def _lines(description: Description, measurements: Measurements, seed: int) -> Iterator[list[str]]:
    for row in description["rows"]:
        shown: dict[Result, list[str]] = {}
        for column in description["columns"]:
            shown.setdefault(result_of(description, row, column, seed), []).append(column["metric"])
        for result, own in shown.items():
            metrics = dict.fromkeys([*metric_names(own[0]), *own])
            for metric, rival in product(metrics, _rivals(description, result.motion) or [""]):
                found = measurements.value(result, metric)
                paper = _paper_fraction(description, row, result, metric)
                gain = measurements.gain(result, rival, metric) if rival else Measurement()
                numbers = [*found.numbers, found.status, paper, rival, *gain.numbers, found.spread, gain.spread]
                yield [row["label"], row.get("variant", ""), *map(str, result), metric, *map(_text, numbers)]


def _rivals(description: Description, motion: str) -> list[str]:
    """The motions that a motion is compared with."""
    compared, motions = description["differences"], {row["motion"] for row in description["rows"]}
    for name in (*compared.get("of", ()), *compared["against"]):
        require_known(name, motions, f"{description.get('caption', 'table')}: motion under differences")
    if motion not in compared.get("of", motions):
        return []
    return [rival for rival in compared["against"] if rival != motion]


def _paper_fraction(description: Description, row: Fields, result: Result, metric: str) -> float | None:
    """The paper's number in our unit."""
    paper = paper_of(description)
    for column in description["columns"]:
        shown = result_of(description, row, column, result.seed)
        if (shown, column["metric"]) == (result, metric) and "against" not in column:
            value = printed(description, paper, row, column)
            return value if value is None or is_count(column, paper) else round(value / 100, 6)
    return None


def _text(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else repr(value)
