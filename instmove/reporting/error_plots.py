"""Motion error against how far objects move and how much they are occluded, for all models side by side."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from instmove.metrics.bootstrap import DRAWS, estimate, require_same_samples
from instmove.metrics.motion import MotionResult
from instmove.metrics.motion_statistics import mean_iou
from instmove.reporting.figures import colour, figure, marker
from instmove.reporting.motion_looks import places_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DISPLACEMENT_EDGES = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8, np.inf)
OCCLUSION_EDGES = (0.0, 1e-9, 0.2, 0.4, 0.7, np.inf)
"""Lower edges belong to their bin; the first bin of the occlusion holds the objects whose box no other touches."""

LEAST_VIDEOS = 5
"""A bin with samples of fewer videos is not drawn: resampling so few gives no interval to trust."""


def plot_motion_error(results: Mapping[str, MotionResult], title: str, path: Path, draws: int = DRAWS) -> None:
    """Draw 1 - IoU by displacement and by occlusion to ``path``.png and .svg; ``results`` are models by name.

    All results must be on the same samples. Bars are 95 % intervals by bootstrap over videos.
    """
    first, *others = results.values()
    for other in others:
        require_same_samples(first, other)
    with figure(11, 4.4, path) as made:
        left, right = made.subplots(1, 2, sharey=True)
        displacements = ["< 0.05", "0.05-0.1", "0.1-0.2", "0.2-0.4", "0.4-0.8", "≥ 0.8"]
        _draw(left, results, bins_of(first.displacement, DISPLACEMENT_EDGES), displacements, draws)
        left.set(xlabel="displacement per frame / object size", ylabel="error (1 - IoU)")
        occlusions = ["none", "< 0.2", "0.2-0.4", "0.4-0.7", "≥ 0.7"]
        _draw(right, results, bins_of(first.occlusion, OCCLUSION_EDGES), occlusions, draws)
        right.set(xlabel="share of the object's box covered by other boxes")
        left.set_ylim(bottom=0)
        made.suptitle(title)
        made.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=min(len(results), 6))


def bins_of(values: NDArray[np.float64], edges: tuple[float, ...]) -> NDArray[np.int64]:
    """Index of the bin that each value falls into."""
    return np.searchsorted(np.array(edges[1:-1]), values, side="right")


def _draw(
    axes: "Axes", results: Mapping[str, MotionResult], bins: NDArray[np.int64], names: list[str], draws: int
) -> None:
    counts = np.bincount(bins, minlength=len(names))
    video = next(iter(results.values())).video
    drawn = np.array([n for n in range(len(names)) if len(np.unique(video[bins == n])) >= LEAST_VIDEOS], dtype=int)
    places = places_of(results)
    for index, (label, result) in enumerate(results.items()):
        error = np.array([_error(result, bins == number, draws) for number in drawn]).reshape(-1, 3)
        place = drawn + 0.6 * ((index + 0.5) / len(results) - 0.5)
        spread = np.abs(error[:, 1:] - error[:, :1]).T
        own = places[label]
        look: dict[str, Any] = {"color": colour(own), "marker": marker(own), "linewidth": 0.6, "elinewidth": 1.4}
        axes.errorbar(place, error[:, 0], spread, label=label, **look)
    axes.set_xticks(range(len(names)), [f"{name}\nn={count}" for name, count in zip(names, counts, strict=True)])
    axes.set_xlim(-0.5, len(names) - 0.5)
    axes.grid(axis="x", visible=False)


def _error(result: MotionResult, chosen: NDArray[np.bool_], draws: int) -> tuple[float, float, float]:
    """Error, and the ends of its interval, over the chosen samples, of which there is at least one."""
    found = estimate(result, lambda each, weights: mean_iou(each, weights, chosen), draws)
    assert found.value is not None and found.low is not None and found.high is not None
    return 1 - found.value, 1 - found.high, 1 - found.low
