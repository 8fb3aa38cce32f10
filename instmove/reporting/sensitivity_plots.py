"""How much each setting that the paper leaves open matters: a small table and a plot."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from instmove.reporting.cells import Result, Setup
from instmove.reporting.figures import colour, figure, marker
from instmove.reporting.measured import Measurement, Numbers
from instmove.reporting.tables import csv_text
from instmove.reporting.trials import sensitivity_results
from instmove.sensitivity import Trial

HEADER = (
    *("setting", "value", "default", "host", "benchmark", "metric", "score", "low", "high"),
    *("gain", "gain_low", "gain_high", "over_default", "over_default_low", "over_default_high"),
)
NAMES = {"weight": "weight of the motion score", "past": "past masks", "from_frame": "first frame", "gaps": "gaps"}


class Tried(NamedTuple):
    """A trial on one host: its score, its gain over no motion, and over the default."""

    trial: Trial
    result: Result
    metric: str
    score: Measurement
    gain: Measurement
    over_default: Measurement


def measure_trials(setup: Setup, numbers: Numbers) -> list[Tried]:
    """What the trials came to; not run ones are empty."""
    default = setup["sensitivity"]["variant"]
    return [
        Tried(
            *(trial, result, metric, numbers.value(result, metric)),
            *(numbers.gain(result, rival, metric) for rival in ("none", default)),
        )
        for trial, result, metric in sensitivity_results(setup)
    ]


def sensitivity_csv(tried: Iterable[Tried]) -> str:
    """A line for each trial on each host: fractions in full precision."""
    lines = []
    for each in tried:
        numbers = [*each.score.numbers, *each.gain.numbers, *each.over_default.numbers]
        about = [each.trial.setting, each.trial.shown, "yes" if each.trial.default else "no"]
        place = [each.result.host, each.result.benchmark, each.metric]
        lines.append([*about, *place, *("" if number is None else repr(number) for number in numbers)])
    return csv_text([HEADER, *lines])


def plot_sensitivity(tried: Sequence[Tried], path: Path) -> None:
    """Draw each host's gain over no motion, a panel for each setting, to ``path``.png and .svg."""
    settings = list(dict.fromkeys(each.trial.setting for each in tried))
    places = list(dict.fromkeys((each.result.host, each.result.benchmark) for each in tried))
    with figure(3.1 * max(1, len(settings)) + 0.6, 3.6, path) as made:
        panels = made.subplots(1, max(1, len(settings)), sharey=True, squeeze=False)[0]
        for axes, setting in zip(panels, settings, strict=False):
            shown = list(dict.fromkeys(each.trial.shown for each in tried if each.trial.setting == setting))
            default = {each.trial.shown for each in tried if each.trial.setting == setting and each.trial.default}
            axes.axhline(0, color="#555555", linewidth=1)
            axes.set_xticks(range(len(shown)), [f"{name}\n(default)" if name in default else name for name in shown])
            axes.set(title=NAMES[setting], xlim=(-0.5, len(shown) - 0.5))
            for index, place in enumerate(places):
                chosen = [each for each in tried if _is_at(each, setting, place)]
                x = [shown.index(each.trial.shown) + 0.5 * ((index + 0.5) / len(places) - 0.5) for each in chosen]
                axes.errorbar(x, **_points(chosen), label=" on ".join(place).replace("_", " "), **_look(index))
        panels[0].set_ylabel("gain over no motion, points")
        made.suptitle("What the paper leaves open: one setting changed at a time, 95 % intervals")
        handles, labels = panels[0].get_legend_handles_labels()
        if handles:
            made.legend(handles, labels, loc="outside lower center", ncols=len(labels))


def _is_at(each: Tried, setting: str, place: tuple[str, str]) -> bool:
    here = (each.trial.setting, each.result.host, each.result.benchmark) == (setting, *place)
    return here and each.gain.value is not None


def _points(chosen: Sequence[Tried]) -> dict[str, Any]:
    """Gains and how far their intervals reach, in points; a gain without an interval has none."""
    gains = [each.gain for each in chosen]
    value = 100 * np.array([gain.value for gain in gains], dtype=np.float64)
    low, high = 100 * np.array([[gain.low, gain.high] for gain in gains], dtype=np.float64).reshape(-1, 2).T
    return {"y": value, "yerr": np.maximum(np.nan_to_num([value - low, high - value]), 0)}


def _look(index: int) -> dict[str, Any]:
    return {"color": colour(index), "marker": marker(index), "linewidth": 0.8, "elinewidth": 1.4}
