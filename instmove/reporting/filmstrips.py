"""Filmstrips: past masks, truth and every model's prediction on the frames, for a few samples chosen by rule."""

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from instmove import masks
from instmove.errors import InstMoveError
from instmove.masks import BoolArray
from instmove.metrics.motion import MotionResult
from instmove.metrics.samples import LONGEST_HISTORY, Sample, evaluation_list
from instmove.reporting.figures import colour, figure, tinted
from instmove.reporting.motion_looks import places_of
from instmove.video import Dataset, Image, Video

if TYPE_CHECKING:
    from matplotlib.axes import Axes

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
PAST_COLOUR, TRUTH_COLOUR = "#8C8C8C", "#F0E442"
MARGIN = 0.25
"""Room around the masks of a strip, as a share of their extent."""


def quantiles_text() -> str:
    """Which percentiles QUANTILES are, in words."""
    *most, last = (f"{100 * quantile:.0f}th" for quantile in QUANTILES)
    return f"{', '.join(most)} and {last}"


def choose_samples(first: MotionResult, second: MotionResult, quantiles: Sequence[float] = QUANTILES) -> list[int]:
    """Indices of the samples at these quantiles of the IoU of ``first`` minus ``second``: losses as well as gains."""
    order = np.argsort(first.iou - second.iou, kind="stable")
    return [int(order[round(quantile * (len(order) - 1))]) for quantile in quantiles]


def plot_filmstrips(
    dataset: Dataset, results: Mapping[str, MotionResult], samples: Sequence[int], title: str, path: Path
) -> None:
    """Draw one strip for each of ``samples`` (indices into the results) to ``path``.png and .svg.

    All results (models by name) must be on the same samples of ``dataset``.
    """
    columns = LONGEST_HISTORY + 1 + len(results)
    with figure(1.25 * columns, 1.45 * len(samples) + 0.8, path) as made:
        grid = made.subplots(len(samples), columns, squeeze=False)
        for axes in grid.flat:
            axes.set_axis_off()
        for row, index in zip(grid, samples, strict=True):
            _draw_strip(row, dataset, results, index)
        for axes, name in zip(grid[0, LONGEST_HISTORY:], ["truth", *results], strict=True):
            axes.set_title(textwrap.fill(name, 14), fontsize=9)
        made.suptitle(title)


def _draw_strip(row: NDArray[np.object_], dataset: Dataset, results: Mapping[str, MotionResult], index: int) -> None:
    first = next(iter(results.values()))
    video = dataset.load(first.videos[first.video[index]])
    sample = _find(video, int(first.frame[index]), int(first.track[index]))
    predictions = [
        masks.resize_nearest(masks.decode(result.predictions[index]), video.height, video.width)
        for result in results.values()
    ]
    seen = {frame: mask for frame in (*sample.history, sample.frame) if (mask := sample.track.mask(frame)) is not None}
    truth = seen[sample.frame]
    window = window_around(np.logical_or.reduce([*seen.values(), *predictions]))
    image = video.image(sample.frame)
    start = LONGEST_HISTORY - len(sample.history)
    for axes, frame in zip(row[start:], sample.history, strict=False):
        show_mask(axes, video.image(frame), seen[frame], None, PAST_COLOUR, window, f"t - {sample.frame - frame}")
    place = f"{video.name}, frame {sample.frame}, object {sample.track.id}"
    row[0].set_title(place, fontsize=8, loc="left").set_in_layout(False)
    show_mask(row[LONGEST_HISTORY], image, truth, None, TRUTH_COLOUR, window, "t")
    places = places_of(results)
    for axes, (name, result), mask in zip(row[LONGEST_HISTORY + 1 :], results.items(), predictions, strict=True):
        show_mask(axes, image, mask, truth, colour(places[name]), window, f"IoU {result.iou[index]:.2f}")


def _find(video: Video, frame: int, track: int) -> Sample:
    for sample in evaluation_list(video):
        if sample.frame == frame and sample.track.id == track:
            return sample
    raise InstMoveError(f"{video.name}: no object {track} in frame {frame}; the results are of another dataset")


def window_around(mask: BoolArray) -> tuple[slice, slice]:
    """Rows and columns of a square around a mask with some margin, cut at the frame's borders."""
    box = masks.box_of_mask(mask)
    assert box is not None, "a truth has pixels"
    x0, y0, x1, y1 = box
    half = round(max(x1 - x0, y1 - y0) * (0.5 + MARGIN)) + 1
    x, y = (x0 + x1) // 2, (y0 + y1) // 2
    return slice(max(0, y - half), y + half), slice(max(0, x - half), x + half)


def show_mask(
    axes: "Axes",
    image: Image,
    mask: BoolArray,
    outline: BoolArray | None,
    shade: str,
    window: tuple[slice, slice],
    text: str,
) -> None:
    """A crop of the frame with the mask laid over it and, dashed, the outline of another."""
    cut = mask[window]
    axes.imshow(tinted(image[window] / 255.0, cut, shade), interpolation="nearest")
    if cut.any() and not cut.all():
        axes.contour(cut, levels=[0.5], colors=[shade], linewidths=1)
    if outline is not None and not outline[window].all():
        axes.contour(outline[window], levels=[0.5], colors=["white"], linewidths=0.9, linestyles="dashed")
    axes.text(0.5, -0.03, text, transform=axes.transAxes, ha="center", va="top", fontsize=8)
