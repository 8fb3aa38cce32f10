"""The numbers of tables as they were written, so that the page shows those and computes none."""

import csv
from collections.abc import Iterator
from pathlib import Path

from instmove.reporting.cells import Result
from instmove.reporting.measured import Measurement

Key = tuple[str, str, str, str]


class WrittenNumbers:
    """What a table's long CSV says (``instmove.reporting.tidy``); nothing where it was not made."""

    def __init__(self, path: Path) -> None:
        self._values: dict[Key, Measurement] = {}
        self._gains: dict[tuple[Key, str], Measurement] = {}
        self.made = path.exists()
        for line in _lines(path) if self.made else ():
            key = (line["host"], line["benchmark"], line["motion"], line["metric"])
            value, low, high = (_number(line[name]) for name in ("value", "low", "high"))
            self._values[key] = Measurement(value, low, high, line["status"], _number(line["spread"]))
            gain, least, most = (_number(line[name]) for name in ("delta", "delta_low", "delta_high"))
            if gain is not None:
                spread = _number(line["delta_spread"])
                self._gains[key, line["against"]] = Measurement(gain, least, most, line["status"], spread)

    def value(self, result: Result, metric: str) -> Measurement:
        """A metric of a result."""
        return self._values.get((*result[:3], metric), Measurement())

    def gain(self, result: Result, against: str, metric: str) -> Measurement:
        """A metric minus that of the same host with the motion ``against``."""
        return self._gains.get(((*result[:3], metric), against), Measurement())


def _lines(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as handle:
        yield from csv.DictReader(handle)


def _number(text: str) -> float | None:
    return float(text) if text else None
