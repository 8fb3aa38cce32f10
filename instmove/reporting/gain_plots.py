"""What motion gains: every host and benchmark side by side, and AP against how sparsely videos are sampled."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from instmove.errors import InstMoveError
from instmove.reporting.cells import shown
from instmove.reporting.figures import colour, figure, marker
from instmove.reporting.motion_looks import motion_name, places_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FloatArray = NDArray[np.float64]

Line = Mapping[str, str]
"""A line of a tidy CSV (see ``instmove.reporting.tidy``)."""


def read_lines(path: Path, metrics: Mapping[str, str]) -> list[Line]:
    """The lines of a tidy CSV that are about the metric of their benchmark, AP unless given, and have a value."""
    try:
        with path.open(newline="", encoding="utf-8") as handle:
            lines = [line for line in csv.DictReader(handle) if line["value"]]
        return [line for line in lines if line["metric"] == metrics.get(line["benchmark"], "AP")]
    except (FileNotFoundError, KeyError):
        raise InstMoveError(f"{path}: not the long CSV of a table; make the table first") from None


def plot_gains(lines: Sequence[Line], benchmarks: Mapping[str, str], title: str, path: Path) -> None:
    """Draw the gain of each host and motion, a panel for each benchmark (ids with shown names) and its metric.

    To ``path``.png and .svg; bars are 95 % intervals of the paired differences. Panels of a metric have one scale.
    """
    gains = [line for line in lines if line["delta"]]
    hosts, motions = (list(dict.fromkeys(line[key] for line in gains)) for key in ("label", "variant"))
    looks = places_of(motions)
    height = 1.7 + 0.25 * len(hosts) * (len(motions) + 1)
    with figure(2.7 * len(benchmarks) + 1, height, path) as made:
        panels = made.subplots(1, len(benchmarks), sharey=True, squeeze=False)[0]
        scales: dict[str, Axes] = {}
        for axes, (benchmark, name) in zip(panels, benchmarks.items(), strict=True):
            axes.axvline(0, color="#555555", linewidth=1)
            metric = next((line["metric"] for line in gains if line["benchmark"] == benchmark), "AP")
            axes.set(title=name, xlabel=f"Δ {shown(metric)}, points")
            if scales.setdefault(metric, axes) is not axes:
                axes.sharex(scales[metric])
            for index, motion in enumerate(motions):
                chosen = [line for line in gains if (line["benchmark"], line["variant"]) == (benchmark, motion)]
                places = [hosts.index(line["label"]) + _offset(index, len(motions)) for line in chosen]
                values, spread = _points(chosen, "delta", ("delta_low", "delta_high"))
                axes.errorbar(values, places, xerr=spread, label=motion, **_look(looks[motion]), linestyle="none")
        panels[0].set_yticks(range(len(hosts)), hosts)
        panels[0].set_ylim(max(1, len(hosts)) - 0.5, -0.5)
        _finish(made, panels[0], title)


def plot_sparsity(lines: Sequence[Line], strides: Mapping[str, int], title: str, path: Path) -> None:
    """Draw AP, and what motion gains, against the stride of the frames, a column of two panels for each host.

    To ``path``.png and .svg; ``strides`` are those of the benchmarks, bars are 95 % intervals, of gains paired.
    """
    hosts = list(dict.fromkeys(line["host"] for line in lines))
    looks = places_of(motion_name(line["motion"]) for line in lines)
    with figure(4.6 * max(1, len(hosts)), 6.6, path) as made:
        panels = made.subplots(2, max(1, len(hosts)), sharex=True, sharey="row", squeeze=False)
        for (above, below), host in zip(panels.T, hosts, strict=False):
            own = [line for line in lines if line["host"] == host]
            gains = [line for line in own if line["delta"]]
            _draw_strides(above, own, strides, looks, ("value", "low", "high"))
            _draw_strides(below, gains, strides, looks, ("delta", "delta_low", "delta_high"))
            names = [line["label"] for line in own if line["motion"] == "none"]
            above.set_title((names or [host])[0])
            below.axhline(0, color="#555555", linewidth=1)
            below.set(xlabel="every n-th frame", xticks=sorted(set(strides.values())))
        panels[0, 0].set_ylabel("AP")
        panels[1, 0].set_ylabel("Δ AP over no motion")
        _finish(made, panels[0, 0], title)


def _draw_strides(
    axes: "Axes",
    lines: Sequence[Line],
    strides: Mapping[str, int],
    looks: Mapping[str, int],
    keys: tuple[str, str, str],
) -> None:
    """A curve for each motion; ``keys`` are the columns of the value and of the ends of its interval."""
    for index, (name, look) in enumerate(looks.items()):
        chosen = [line for line in lines if motion_name(line["motion"]) == name]
        places = [strides[line["benchmark"]] + _offset(index, len(looks)) for line in chosen]
        values, spread = _points(chosen, keys[0], keys[1:])
        if chosen:
            axes.errorbar(places, values, yerr=spread, label=name, **_look(look))


def _offset(index: int, count: int) -> float:
    """Where the index-th of ``count`` markers stands around its place, so that none hides another."""
    return 0.7 * ((index + 0.5) / count - 0.5)


def _points(lines: Sequence[Line], key: str, ends: tuple[str, str]) -> tuple[FloatArray, FloatArray]:
    """Values (N,) and how far their intervals reach below and above them (2, N), in percent; 0 where there is none."""
    values = np.array([float(line[key]) for line in lines])
    low, high = np.array([[float(line[end] or line[key]) for line in lines] for end in ends]).reshape(2, len(lines))
    return 100 * values, 100 * np.maximum([values - low, high - values], 0)


def _look(place: int) -> dict[str, Any]:
    return {"color": colour(place), "marker": marker(place), "elinewidth": 1.4}


def _finish(made: "Figure", axes: "Axes", title: str) -> None:
    made.suptitle(title)
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        made.legend(handles, labels, loc="outside lower center", ncols=min(len(labels), 6))
