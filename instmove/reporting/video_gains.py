"""Which videos a motion model helped and which it harmed, by the AP of each video alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from instmove.reporting.figures import PALETTE, figure

SHOWN = 8
"""Videos at either end that are drawn."""
Gains = dict[str, float]
"""Gain in AP of each video by name."""


def gains_of(after: Mapping[str, Any], before: Mapping[str, Any]) -> Gains:
    """Gain in AP of each video, largest loss first, from two metrics files; videos without objects are left out."""
    old, new = (
        {name: metrics["AP"]["value"] for name, metrics in content["per_sequence"].items()}
        for content in (before, after)
    )
    gains = {name: new[name] - old[name] for name in old if old[name] is not None and new.get(name) is not None}
    return dict(sorted(gains.items(), key=lambda item: (item[1], item[0])))


def extremes(gains: Gains, count: int) -> tuple[list[str], list[str]]:
    """The ``count`` videos that lost most, the largest loss first, and those that gained most, the largest gain first.

    A video that did not lose is no loss, and one that did not gain no gain.
    """
    losses = [name for name, gain in gains.items() if gain < 0][:count]
    return losses, [name for name, gain in reversed(gains.items()) if gain > 0][:count]


def plot_video_gains(gains: Mapping[str, Gains], title: str, path: Path) -> None:
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
            axes.set(title=f"{host}\n{up} gained, {down} lost, {len(each) - up - down} equal", xlabel="Δ AP, points")
        made.suptitle(title)
