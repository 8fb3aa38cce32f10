"""Region similarity over time of objects that disappear and return: where they are lost, and whether for good."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from instmove.datasets.occlusion import returning
from instmove.metrics.vos_result import VosResult
from instmove.reporting.figures import colour, figure
from instmove.reporting.motion_looks import places_of
from instmove.video import Dataset, Video

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN = 6
"""Objects that are drawn."""
COLUMNS = 2


@dataclass(frozen=True)
class Occluded:
    """An object by its place in the results, its name, and the frames in which it is out of sight."""

    index: int
    name: str
    hidden: tuple[int, ...]


def occluded_objects(dataset: Dataset, result: VosResult) -> list[Occluded]:
    """The scored objects that are missing in a frame between their first and their last, longest absence first."""
    places = {name: index for index, name in enumerate(result.videos)}
    found = (each for video in dataset for each in _occluded_in(video, places))
    return sorted(found, key=lambda each: (-len(each.hidden), each.name))


def _occluded_in(video: Video, places: Mapping[str, int]) -> Iterator[Occluded]:
    tracks = video.tracks or ()
    returned = returning(tracks)
    for track in tracks:
        name = f"{video.name}/{track.id}"
        if name in places and track.id in returned:
            seen = track.visible()
            yield Occluded(places[name], name, tuple(t for t in range(seen[0], seen[-1]) if t not in seen))


def plot_regions(objects: Sequence[Occluded], results: Mapping[str, VosResult], title: str, path: Path) -> None:
    """Draw J over time of the first objects, a panel each and a line for every result (by shown name).

    To ``path``.png and .svg; grey is where the object is out of sight: J, 1 there for no mask at all, says nothing.
    """
    chosen = objects[:SHOWN]
    rows = max(1, -(-len(chosen) // COLUMNS))
    with figure(4.6 * COLUMNS, 1.9 * rows + 0.9, path) as made:
        grid = made.subplots(rows, COLUMNS, sharey=True, squeeze=False)
        for axes in grid.flat[len(chosen) :]:
            axes.set_axis_off()
        for axes, each in zip(grid.flat, chosen, strict=False):
            _draw(axes, each, results)
        handles, labels = grid[0, 0].get_legend_handles_labels()
        if handles:
            made.legend(handles, labels, loc="outside lower center", ncols=len(labels))
        made.suptitle(title if chosen else f"{title}: there are none")


def _draw(axes: "Axes", each: Occluded, results: Mapping[str, VosResult]) -> None:
    from matplotlib.ticker import MaxNLocator

    for frame in each.hidden:
        axes.axvspan(frame - 0.5, frame + 0.5, color="#D9D9D9", linewidth=0)
    places = places_of(results)
    for name, result in results.items():
        own = result.object == each.index
        in_sight = ~np.isin(result.frame[own], each.hidden)
        shown = np.where(in_sight, 100 * result.frame_j[own], np.nan)
        axes.plot(result.frame[own], shown, color=colour(places[name]), label=name)
    axes.set(xlabel="frame", ylabel="J", ylim=(-2, 102))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_title(each.name, fontsize=9)
