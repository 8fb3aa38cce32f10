"""Learning curves from the ``log.csv`` of training runs."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from instmove.errors import InstMoveError
from instmove.reporting.figures import colour, figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Curve = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Iterations, and a value at each."""
VALIDATION = "validation_"
LINES = ("-", "--", ":", "-.")


def plot_learning_curves(logs: Mapping[str, Path], title: str, path: Path) -> None:
    """Draw the losses and the validation scores, 0 to 1, of runs (logs by name) to ``path``.png and .svg.

    Columns of a log that end in ``loss`` go left, a line style each; those that start with ``validation`` go right.
    """
    curves = {label: read_log(log) for label, log in logs.items()}
    with figure(11, 4.2, path) as made:
        left, right = made.subplots(1, 2)
        for index, (label, columns) in enumerate(curves.items()):
            losses = {name: curve for name, curve in columns.items() if name.endswith("loss")}
            for line, (name, curve) in zip(LINES, losses.items(), strict=False):
                _draw_loss(left, curve, f"{label}, {name.removesuffix('loss').strip('_') or 'loss'}", index, line)
            for name, (iteration, value) in columns.items():
                if name.startswith(VALIDATION):
                    shown = f"{label}, {name.removeprefix(VALIDATION).replace('_', ' ')}"
                    right.plot(iteration, value, color=colour(index), marker="o", label=shown)
        left.set(xlabel="iteration", ylabel="loss", yscale="log", title="Training loss (running mean; raw values pale)")
        right.set(xlabel="iteration", ylabel="score", title="Validation")
        _legend_below(made, left, "outside lower left")
        _legend_below(made, right, "outside lower right")
        made.suptitle(title)


def _legend_below(made: "Figure", axes: "Axes", place: Literal["outside lower left", "outside lower right"]) -> None:
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        made.legend(handles, labels, loc=place, ncols=2)


def read_log(path: Path) -> dict[str, Curve]:
    """The curve of each column of a log but ``iteration``; rows where the column is empty are left out."""
    try:
        with path.open(newline="", encoding="utf-8") as handle:
            rows = list(csv.DictReader(handle))
        names = [name for name in (rows[0] if rows else {}) if name != "iteration"]
        return {name: _curve(rows, name) for name in names}
    except FileNotFoundError:
        raise InstMoveError(f"{path}: training log not found; train the model first") from None
    except (KeyError, TypeError, ValueError) as error:
        raise InstMoveError(f"{path}: not a training log ({error!r}); train the model again") from None


def _curve(rows: list[dict[str, str]], name: str) -> Curve:
    pairs = [(float(row["iteration"]), float(row[name])) for row in rows if row[name] != ""]
    iteration, value = np.array(pairs).reshape(-1, 2).T
    return iteration, value


def running_mean(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Mean over a window of ``width`` values centred on each, smaller at both ends."""
    window = np.ones(min(width, len(values)))
    return np.convolve(values, window, "same") / np.convolve(np.ones(len(values)), window, "same")


def _draw_loss(axes: "Axes", curve: Curve, label: str, index: int, line: str) -> None:
    iteration, value = curve
    axes.plot(iteration, value, color=colour(index), alpha=0.2, linewidth=0.8)
    if len(value):
        mean = running_mean(value, max(1, len(value) // 20))
        axes.plot(iteration, mean, color=colour(index), linestyle=line, label=label)
