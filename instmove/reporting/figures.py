"""How figures look, and saving one as PNG and SVG so that equal figures are equal bytes."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from instmove.files import atomic_path
from instmove.masks import BoolArray

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

S = TypeVar("S")

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C8C8C")
"""Okabe and Ito's colours, which colour-blind readers can tell apart, and a grey."""
MARKERS = ("o", "s", "D", "^", "v", "P", "X", "*")
STYLE: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.labelsize": 10,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 11,
    "figure.dpi": 100,
    "figure.titlesize": 12,
    "font.family": "DejaVu Sans",  # ships with matplotlib: the same letters on every machine
    "font.size": 9.5,
    "grid.color": "#E3E3E3",
    "grid.linewidth": 0.7,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "lines.linewidth": 1.4,
    "lines.markersize": 5,
    "svg.fonttype": "none",
    "svg.hashsalt": "instmove",
}


@contextmanager
def figure(width: float, height: float, path: Path) -> Iterator["Figure"]:
    """A figure of ``width`` by ``height`` inches to draw on; it is then saved as ``path``.png and ``path``.svg."""
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        made = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(made)
        yield made
        for suffix, metadata in (("png", {"Software": None}), ("svg", {"Date": None})):
            with atomic_path(path.parent / f"{path.name}.{suffix}") as temporary:
                made.savefig(temporary, format=suffix, dpi=150, metadata=metadata)


def colour(index: int) -> str:
    """The colour of the model at ``index``; the eighth is followed by the first again."""
    return PALETTE[index % len(PALETTE)]


def marker(index: int) -> str:
    """The marker of the model at ``index``."""
    return MARKERS[index % len(MARKERS)]


def tinted(image: NDArray[np.float64], mask: BoolArray, shade: str) -> NDArray[np.float64]:
    """The image (values from 0 to 1) with a colour laid over it where the mask is."""
    from matplotlib.colors import to_rgb

    return np.where(mask[:, :, None], 0.4 * image + 0.6 * np.array(to_rgb(shade)), image)


def draw_strips(
    scenes: Sequence[S], rows: int, columns: int, draw: Callable[["SubFigure", S], None], title: str, path: Path
) -> None:
    """Draw each scene in a part of its own, one below the other, to ``path``.png and .svg.

    ``rows`` is the number of strips in all, ``columns`` that of the frames in one.
    """
    with figure(1.45 * columns + 0.4, 0.5 + 0.4 * len(scenes) + 0.85 * rows, path) as made:
        made.set_layout_engine("constrained", h_pad=0.02, w_pad=0.02, hspace=0, wspace=0)
        parts: list[SubFigure] = list(made.subfigures(len(scenes), 1, squeeze=False)[:, 0]) if scenes else []
        for part, scene in zip(parts, scenes, strict=True):
            draw(part, scene)
        made.suptitle(title)
