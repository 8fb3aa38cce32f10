"""Filmstrips of object segmentation: the same frames by truth and by several results, an object being a colour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from instmove.datasets.labels import Labels, paint
from instmove.datasets.vos_results import first_given, read_archived
from instmove.metrics.result_files import submission_path
from instmove.reporting.figures import colour, draw_strips
from instmove.reporting.track_strips import FRAMES, choose_frames
from instmove.video import Dataset, Image, Video

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure


@dataclass(frozen=True)
class ObjectScene:
    """A video, what to write above it, the frames to show, and their labels by the name of the result."""

    video: Video
    title: str
    frames: tuple[int, ...]
    labels: Mapping[str, Mapping[int, Labels]]


def object_scenes(dataset: Dataset, gains: Mapping[str, float], files: Mapping[str, Path]) -> list[ObjectScene]:
    """A scene for each video in ``gains``, in that order: truth, then the masks beside metrics files (by name)."""
    return [_scene(dataset.load(video), gain, files) for video, gain in gains.items()]


def _scene(video: Video, gain: float, files: Mapping[str, Path]) -> ObjectScene:
    tracks = [track for track in video.tracks or () if not track.ignored]
    first = first_given(video)
    frames = tuple(first + frame for frame in choose_frames(len(video) - first, ()))
    labels = {"truth": {t: paint(tracks, t, video.height, video.width) for t in frames}}
    labels |= {name: read_archived(submission_path(path), video, frames) for name, path in files.items()}
    return ObjectScene(video, f"{video.name}: J&F {'+' if gain > 0 else ''}{100 * gain:.1f}", frames, labels)


def plot_object_strips(scenes: Sequence[ObjectScene], title: str, path: Path) -> None:
    """Draw a strip for each scene and result to ``path``.png and .svg, objects outlined."""
    draw_strips(scenes, sum(len(scene.labels) for scene in scenes), FRAMES, _draw_scene, title, path)


def _draw_scene(part: "SubFigure", scene: ObjectScene) -> None:
    grid = part.subplots(len(scene.labels), FRAMES, squeeze=False)
    part.suptitle(scene.title, fontsize=9, x=0.01, ha="left")
    for row, (name, labels) in zip(grid, scene.labels.items(), strict=True):
        for axes in row[len(scene.frames) :]:
            axes.set_axis_off()
        for axes, frame in zip(row, scene.frames, strict=False):
            _draw_frame(axes, scene.video.image(frame), labels[frame])
        row[0].set_ylabel(name, fontsize=8)
    for axes, frame in zip(grid[-1], scene.frames, strict=False):
        axes.set_xlabel(f"frame {frame}", fontsize=8)


def _draw_frame(axes: "Axes", image: Image, labels: Labels) -> None:
    axes.imshow(image, interpolation="nearest")
    for number in np.unique(labels[labels > 0]).tolist():
        mask = labels == number
        if not mask.all():
            axes.contour(mask, levels=[0.5], colors=[colour(number)], linewidths=1.1)
    height, width = labels.shape
    axes.set(xticks=[], yticks=[], xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))
    axes.spines[:].set_visible(False)
