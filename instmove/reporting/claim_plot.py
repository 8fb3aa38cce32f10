"""All claims of the paper on one page: effect, interval, and the paper's own effect."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from instmove.reporting.figures import figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {"holds": "#009E73", "fails": "#D55E00", "undecided": "#7A7A7A", "not run": "#C8C8C8"}
UNITS = {
    "points": "points",
    "rate": "switches per 100 objects",
    "percent": "percent of what it is over",
    "count": "counts",
}
OURS = ("low", "high", "effect")
PAPER_MARK: dict[str, Any] = {"markersize": 7, "markeredgewidth": 1.6}


def limit_of(lines: Sequence[Mapping[str, str]]) -> float:
    """Where the scale of a unit's lines ends on both sides: the largest of our numbers, a little widened.

    The paper's may lie beyond; they are drawn at the end. Without any of ours the paper's count.
    """
    ours = [abs(float(line[key])) for line in lines for key in OURS if line[key]]
    return 1.1 * max(ours or [abs(float(line["paper"])) for line in lines], default=0.0) or 1.0


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
    limit = limit_of(lines)
    axes.axvline(0, color="#555555", linewidth=1)
    for place, line in enumerate(lines):
        paper = float(line["paper"])
        mark = "|" if abs(paper) <= limit else ">" if paper > 0 else "<"
        axes.plot(max(-limit, min(limit, paper)), place, marker=mark, color="#0072B2", clip_on=False, **PAPER_MARK)
        if line["effect"]:
            colour = COLOURS[line["verdict"]]
            if line["low"]:  # a line of its own: on few videos an effect can lie outside of its interval
                axes.plot([float(line["low"]), float(line["high"])], [place, place], color=colour)
            axes.plot(float(line["effect"]), place, marker="o", markersize=4, color=colour)
    names = [f"{line['says']}  [{line['section']}]" for line in lines]
    axes.set_yticks(range(len(lines)), names, fontsize=7.5)
    for label, line in zip(axes.get_yticklabels(), lines, strict=True):
        label.set_color("#999999" if line["verdict"] == "not run" else "#000000")
    axes.set(xlim=(-limit, limit), ylim=(len(lines) - 0.4, -0.6))
    axes.grid(axis="y", visible=False)


def _legend(axes: "Axes") -> tuple[list, list[str]]:
    paper = axes.plot([], [], marker="|", color="#0072B2", linestyle="none", **PAPER_MARK)
    marks = [
        axes.plot([], [], marker="o", markersize=4, color=COLOURS[name], linestyle="none")[0]
        for name in ("holds", "fails", "undecided")
    ]
    return [*marks, *paper], ["holds", "fails", "undecided", "the paper's effect (an arrow: beyond the scale)"]
