"""Identity switches with and without motion: of each class, and by how long the object was out of sight."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from instmove.metrics.mots_result import MotsResult
from instmove.reporting.figures import colour, figure
from instmove.reporting.motion_looks import places_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GAPS = ((1, 1), (2, 2), (3, 4), (5, 8), (9, None))
"""Shortest and longest gap of each bar, in frames; a gap of 1 is none: the object was matched in the frame before."""

Results = Mapping[str, MotsResult]
"""Results of one host by the shown name of their motion."""


def by_class(result: MotsResult, categories: Sequence[int]) -> list[int]:
    """Switches of the objects of each category."""
    owners = result.object_category[result.switch_object]
    return [int((owners == category).sum()) for category in categories]


def by_gap(result: MotsResult) -> list[int]:
    """Switches of each range of GAPS."""
    gaps = result.switch_gap
    return [int(((gaps >= low) & (gaps <= (np.inf if high is None else high))).sum()) for low, high in GAPS]


def plot_switches(hosts: Mapping[str, Results], classes: Mapping[int, str], title: str, path: Path) -> None:
    """Draw a column of two panels for each host by name, to ``path``.png and .svg; ``classes`` are names by id."""
    with figure(4.6 * max(1, len(hosts)), 6.2, path) as made:
        panels = made.subplots(2, max(1, len(hosts)), sharey="row", squeeze=False)
        for (above, below), (host, results) in zip(panels.T, hosts.items(), strict=False):
            _bars(
                above, list(classes.values()), {name: by_class(each, list(classes)) for name, each in results.items()}
            )
            _bars(below, [_range(*ends) for ends in GAPS], {name: by_gap(each) for name, each in results.items()})
            above.set_title(host)
            above.tick_params(axis="x", rotation=30)
            below.set_xlabel("frames since the object's last match")
        for axes in panels[:, 0]:
            axes.set_ylabel("identity switches")
        made.suptitle(title)
        handles, labels = panels[0, 0].get_legend_handles_labels()
        if handles:
            made.legend(handles, labels, loc="outside lower center", ncols=len(labels))


def _bars(axes: "Axes", names: Sequence[str], values: Mapping[str, Sequence[int]]) -> None:
    width, looks = 0.8 / max(1, len(values)), places_of(values)
    for number, (label, heights) in enumerate(values.items()):
        places = np.arange(len(names)) + (number - (len(values) - 1) / 2) * width
        axes.bar(places, heights, width, label=label, color=colour(looks[label]))
    axes.set_xticks(range(len(names)), names)
    axes.grid(axis="x", visible=False)


def _range(low: int, high: int | None) -> str:
    return f"{low} or more" if high is None else str(low) if low == high else f"{low} to {high}"
