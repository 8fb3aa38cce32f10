"""All claims of the paper on one page: effect, interval, and the paper's own effect."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from instmove.reporting.figures import figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {"holds": "#009E73", "fails": "#D55E00", "undecided": "#7A7A7A", "not run": "#C8C8C8"}
UNITS = {"points": "points", "percent": "percent of what it is over", "count": "counts"}


def plot_claims(lines: Sequence[Mapping[str, str]], title: str, path: Path) -> None:
    """Draw the lines of a claims.csv to ``path``.png and .svg, a panel for each unit."""
    units = [unit for unit in UNITS if any(line["unit"] == unit for line in lines)]
    groups = [[line for line in lines if line["unit"] == unit] for unit in units]
    with figure(10.5, 1.6 + 0.21 * (len(lines) + 2 * len(units)), path) as made:
        panels = made.subplots(len(groups), 1, height_ratios=[len(group) + 1 for group in groups], squeeze=False)[:, 0]
        for axes, unit, group in zip(panels, units, groups, strict=True):
            _draw(axes, group)
            axes.set_xlabel(f"effect, {UNITS[unit]}")
        handles, labels = _legend(panels[0])
        made.legend(handles, labels, loc="outside lower center", ncols=len(labels))
        made.suptitle(title)


def _draw(axes: "Axes", lines: Sequence[Mapping[str, str]]) -> None:
    axes.axvline(0, color="#555555", linewidth=1)
    for place, line in enumerate(lines):
        axes.plot(float(line["paper"]), place, marker="|", markersize=9, markeredgewidth=1.6, color="#0072B2")
        if line["effect"]:
            colour = COLOURS[line["verdict"]]
            if line["low"]:  # a line of its own: on few videos an effect can lie outside of its interval
                axes.plot([float(line["low"]), float(line["high"])], [place, place], color=colour)
            axes.plot(float(line["effect"]), place, marker="o", markersize=4, color=colour)
    names = [f"{line['says']}  [{line['section']}]" for line in lines]
    axes.set_yticks(range(len(lines)), names, fontsize=7.5)
    for label, line in zip(axes.get_yticklabels(), lines, strict=True):
        label.set_color("#999999" if line["verdict"] == "not run" else "#000000")
    axes.set_ylim(len(lines) - 0.4, -0.6)
    axes.grid(axis="y", visible=False)


def _legend(axes: "Axes") -> tuple[list, list[str]]:
    paper = axes.plot([], [], marker="|", markersize=9, markeredgewidth=1.6, color="#0072B2", linestyle="none")
    marks = [
        axes.plot([], [], marker="o", markersize=4, color=COLOURS[name], linestyle="none")[0]
        for name in ("holds", "fails", "undecided")
    ]
    return [*marks, *paper], ["holds", "fails", "undecided", "the paper's effect"]
