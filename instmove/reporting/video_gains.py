"""Which videos a motion model helped and which it harmed, by the metric of each video alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from instmove.reporting.cells import shown
from instmove.reporting.figures import PALETTE, figure

SHOWN = 8
"""Videos at either end that are drawn."""
Gains = dict[str, float]
"""Gain of each video by name."""
METRICS = ("AP", "MOTA", "j_and_f")
"""What videos, or the objects in them, are compared by; metrics files have one of these."""


def gains_of(after: Mapping[str, Any], before: Mapping[str, Any]) -> Gains:
    """Gain of each video, largest loss first, from two metrics files; videos without objects are left out."""
    old, new = (scores_of(content, metric_of(content)) for content in (before, after))
    gains = {name: new[name] - old[name] for name in old if name in new}
    return dict(sorted(gains.items(), key=lambda item: (item[1], item[0])))


def metric_of(content: Mapping[str, Any]) -> str:
    """The metric that videos of a metrics file are compared by."""
    parts: Mapping[str, Any] = next(iter(content["per_sequence"].values()), {})
    return next((metric for metric in METRICS if metric in parts), METRICS[0])


def scores_of(content: Mapping[str, Any], metric: str) -> dict[str, float]:
    """The metric of each video; where a file has it by object (``<video>/<object>``), their mean."""
    found: dict[str, list[float]] = {}
    for name, metrics in content["per_sequence"].items():
        if metrics[metric]["value"] is not None:
            found.setdefault(name.partition("/")[0], []).append(metrics[metric]["value"])
    return {name: sum(values) / len(values) for name, values in found.items()}


def extremes(gains: Gains, count: int) -> tuple[list[str], list[str]]:
    """The ``count`` videos that lost most, the largest loss first, and those that gained most, the largest gain first.

    A video that did not lose is no loss, and one that did not gain no gain.
    """
    losses = [name for name, gain in gains.items() if gain < 0][:count]
    return losses, [name for name, gain in reversed(gains.items()) if gain > 0][:count]


def plot_video_gains(gains: Mapping[str, Gains], metric: str, title: str, path: Path) -> None:
    """Draw the videos that gained and lost most, a panel for each host by name, to ``path``.png and .svg."""
    with figure(4.4 * max(1, len(gains)), 5.2, path) as made:
        panels = made.subplots(1, max(1, len(gains)), squeeze=False)[0]
        for axes, (host, each) in zip(panels, gains.items(), strict=False):
            losses, most = extremes(each, SHOWN)
            names = [*most, *reversed(losses)]
            values = [100 * each[name] for name in names]
            axes.barh(range(len(names)), values, color=[PALETTE[2 if value > 0 else 1] for value in values])
            axes.set_yticks(range(len(names)), names, fontsize=8)
            axes.invert_yaxis()
            axes.axvline(0, color="#555555", linewidth=1)
            axes.grid(axis="y", visible=False)
            up, down = (sum(sign * gain > 0 for gain in each.values()) for sign in (1, -1))
            axes.set(
                title=f"{host}\n{up} gained, {down} lost, {len(each) - up - down} equal",
                xlabel=f"Δ {shown(metric)}, points",
            )
        made.suptitle(title)
