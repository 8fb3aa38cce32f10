"""Filmstrips of tracking, as the paper's Fig. 3: the same frames by several results, identity as colour."""

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from instmove import masks
from instmove.masks import BoolArray, Rle
from instmove.metrics.result_files import submission_path
from instmove.metrics.video_ap import TrackPrediction
from instmove.metrics.ytvis_results import read_results
from instmove.reporting.figures import colour, draw_strips, tinted
from instmove.reporting.identity import drawn_in, follow, identity_colours, standing, switched_in, switches
from instmove.video import Dataset, Image, Video

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

FRAMES = 6
"""Frames of a strip at most."""
SWITCH_COLOUR = "#FF0000"


@dataclass(frozen=True)
class Scene:
    """A video, what to write above it, and the predicted tracks of each result by name."""

    video: Video
    title: str
    results: Mapping[str, Sequence[TrackPrediction]]


def scenes_of(dataset: Dataset, gains: Mapping[str, float], files: Mapping[str, Path]) -> list[Scene]:
    """A scene for each video in ``gains``, in that order, from the results beside metrics files (by shown name)."""
    results = {name: dict(_results(dataset, gains, path)) for name, path in files.items()}
    return [
        Scene(
            dataset.load(video),
            f"{video}: AP {'+' if gain > 0 else ''}{100 * gain:.1f}",
            {name: found[video] for name, found in results.items()},
        )
        for video, gain in gains.items()
    ]


def _results(dataset: Dataset, wanted: Collection[str], metrics: Path) -> Iterator[tuple[str, list[TrackPrediction]]]:
    for video, predictions in read_results(submission_path(metrics), dataset):
        if video.name in wanted:
            yield video.name, predictions


def plot_track_strips(scenes: Sequence[Scene], title: str, path: Path) -> None:
    """Draw a strip for each scene and result to ``path``.png and .svg; the videos must have their ground truth.

    For every true object the track that stands for it is drawn; a red box is a switch of identity.
    """
    draw_strips(scenes, sum(len(scene.results) for scene in scenes), FRAMES, _draw_scene, title, path)


def _draw_scene(part: "SubFigure", scene: Scene) -> None:
    truths = [track for track in scene.video.tracks or () if not track.ignored]
    followed = {name: follow(tracks, truths) for name, tracks in scene.results.items()}
    stood = {name: standing(tracks, len(scene.video)) for name, tracks in followed.items()}
    switched = {name: switches(frames) for name, frames in stood.items()}
    marked = sorted({frame for each in switched.values() for frame, _ in each})
    frames = choose_frames(len(scene.video), marked)
    grid = part.subplots(len(followed), FRAMES, squeeze=False)
    part.suptitle(scene.title, fontsize=9, x=0.01, ha="left")
    for row, (name, tracks) in zip(grid, followed.items(), strict=True):
        colours = identity_colours(stood[name], truths)
        for axes in row[len(frames) :]:
            axes.set_axis_off()
        for axes, frame in zip(row, frames, strict=False):
            drawn, boxed = drawn_in(frame, tracks, stood[name]), switched_in(frame, switched[name])
            _draw_frame(axes, scene.video.image(frame), drawn, colours, boxed)
        count = len(switched[name])
        row[0].set_ylabel(f"{name}\n{count} switch{'' if count == 1 else 'es'}", fontsize=8)
    for axes, frame in zip(grid[-1], frames, strict=False):
        axes.set_xlabel(f"frame {frame}", fontsize=8)


def choose_frames(length: int, marked: Sequence[int], count: int = FRAMES) -> list[int]:
    """At most ``count`` frames of a video: the marked ones first, those before them, then evenly spread ones."""
    even = np.linspace(0, length - 1, min(count, length)).round().astype(int).tolist()
    wanted = [*marked, *(frame - 1 for frame in marked), *even]
    return sorted(list(dict.fromkeys(wanted))[:count])


def _draw_frame(
    axes: "Axes", image: Image, drawn: Mapping[int, Rle], colours: Mapping[int, int], boxed: Set[int]
) -> None:
    shown = image / 255.0
    decoded = {number: masks.decode(rle) for number, rle in drawn.items()}
    for number, mask in decoded.items():
        shown = tinted(shown, mask, colour(colours[number]))
    axes.imshow(shown, interpolation="nearest")
    for number, mask in decoded.items():
        if mask.any() and not mask.all():
            axes.contour(mask, levels=[0.5], colors=[colour(colours[number])], linewidths=0.9)
        if number in boxed:
            _mark(axes, mask)
    height, width = shown.shape[:2]
    axes.set(xticks=[], yticks=[], xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))
    axes.spines[:].set_visible(False)


def _mark(axes: "Axes", mask: BoolArray) -> None:
    """A box around the mask of an object that has another track than before."""
    from matplotlib.patches import Rectangle

    box = masks.box_of_mask(mask)
    if box is not None:
        x0, y0, x1, y1 = box
        axes.add_patch(Rectangle((x0 - 1, y0 - 1), x1 - x0 + 1, y1 - y0 + 1, fill=False, ec=SWITCH_COLOUR, lw=1.2))
