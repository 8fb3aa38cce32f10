"""What a set of clips is like, measured on its masks alone; the generator is calibrated with nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from instmove import masks
from instmove.masks import BoolArray
from instmove.video import Track

STRIDES = (1, 5)


@dataclass
class Samples:
    """Raw measurements, to be averaged over a whole set: lists of numbers by name (small, picklable)."""

    values: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, *values: float) -> None:
        """Append measurements."""
        self.values.setdefault(name, []).extend(values)

    def merge(self, other: "Samples") -> None:
        """Append all of another set's."""
        for name, values in other.values.items():
            self.add(name, *values)

    def mean(self, name: str) -> float | None:
        """The average, None where nothing was measured."""
        values = self.values.get(name)
        return round(float(np.mean(values)), 4) if values else None

    def quantiles(self, name: str, levels: Sequence[float] = (0.1, 0.5, 0.9)) -> list[float]:
        """Quantiles, empty where nothing was measured."""
        values = self.values.get(name)
        return [round(float(q), 4) for q in np.quantile(values, levels)] if values else []


def box_occlusion_rate(boxes: Sequence[tuple[float, float, float, float]], height: int, width: int) -> float | None:
    """Share of the union of all boxes (x, y, w, h) that lies in two or more of them; None without boxes.

    The union of the pairwise intersections over the union of the boxes: how the bounding-box occlusion rate of OVIS
    (0.22 as the mean over its frames) is understood here.
    """
    cover = np.zeros((height, width), np.int16)
    for x, y, w, h in boxes:
        cover[int(y) : int(y + h), int(x) : int(x + w)] += 1
    covered = int((cover > 0).sum())
    return float((cover > 1).sum()) / covered if covered else None


def _centroid(mask: BoolArray) -> NDArray[np.float64]:
    rows, columns = np.nonzero(mask)
    return np.array((rows.mean(), columns.mean()))


def shift(mask: BoolArray, rows: float, columns: float) -> BoolArray:
    """The mask (H, W) moved by a fraction of a pixel, bilinear at 1/32; what leaves the frame is lost."""
    import cv2

    matrix = np.array([[1, 0, columns], [0, 1, rows]], np.float64)
    moved = cv2.warpAffine(mask.astype(np.float32), matrix, mask.shape[::-1])
    return np.asarray(moved > 0.5)


def _iou(first: BoolArray, second: BoolArray) -> float:
    return float((first & second).sum() / max(1, (first | second).sum()))


def _measure_track(track: Track, samples: Samples) -> None:
    shown = {t: mask for t in track.visible() if (mask := track.mask(t)) is not None}
    centres = {t: _centroid(mask) for t, mask in shown.items()}
    frames = sorted(shown)
    span = frames[-1] - frames[0] + 1
    samples.add("hidden", *([0.0] * len(frames) + [1.0] * (span - len(frames))))
    samples.add("returns", float(span > len(frames)))
    samples.add("area", *(float(mask.mean()) for mask in shown.values()))
    for k in STRIDES:
        for t in frames:
            if t - k not in shown:
                continue
            step = centres[t] - centres[t - k]
            samples.add(f"copy_{k}", _iou(shown[t - k], shown[t]))
            samples.add(f"displacement_{k}", float(np.linalg.norm(step) / np.sqrt(shown[t - k].sum())))
            if t - 2 * k in shown:
                rows, columns = (centres[t - k] - centres[t - 2 * k]).tolist()
                samples.add(f"copy_again_{k}", _iou(shown[t - k], shown[t]))
                samples.add(f"velocity_{k}", _iou(shift(shown[t - k], rows, columns), shown[t]))


def measure_tracks(tracks: Sequence[Track]) -> Samples:
    """All measurements of one clip's tracks (each with at least one visible frame)."""
    samples = Samples()
    samples.add("tracks", len(tracks))
    for track in tracks:
        _measure_track(track, samples)
    for t in range(len(tracks[0].masks) if tracks else 0):
        rles = [rle for track in tracks if (rle := track.masks[t]) is not None]
        if rles:
            height, width = rles[0]["size"]
            rate = box_occlusion_rate([masks.box_of_rle(rle) for rle in rles], height, width)
            samples.add("occlusion", 0.0 if rate is None else rate)
    return samples


def summarise(parts: Iterable[Samples]) -> dict[str, float | list[float] | None]:
    """The statistics of a set of clips, as mini.json records them.

    ``copy_k`` and ``velocity_k`` are mean IoUs at a distance of k frames, of the last mask and of the last mask moved
    by its last displacement; ``displacement_k`` is in units of the square root of the object's area; ``occlusion`` is
    the mean of :func:`box_occlusion_rate`; ``hidden`` the share of frames between an object's first and last in which
    it cannot be seen, ``returns`` the share of objects with such a gap; ``area`` quantiles relative to the frame.
    """
    total = Samples()
    for part in parts:
        total.merge(part)
    names = ["tracks", "occlusion", "hidden", "returns"]
    names += [f"{name}_{k}" for k in STRIDES for name in ("copy", "copy_again", "velocity", "displacement")]
    summary: dict[str, float | list[float] | None] = {name: total.mean(name) for name in names}
    summary["area"] = total.quantiles("area")
    summary["displacement_1_quantiles"] = total.quantiles("displacement_1")
    return summary


def table(statistics: Mapping[str, Mapping[str, float | list[float] | None]]) -> str:
    """The statistics of several sets side by side, one a column."""
    names = list(next(iter(statistics.values())))
    rows = [["", *statistics]] + [
        [name, *(_cell(column.get(name)) for column in statistics.values())] for name in names
    ]
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _cell(value: float | list[float] | None) -> str:
    if value is None:
        return "-"
    return " ".join(f"{v:.3f}" for v in value) if isinstance(value, list) else f"{value:.3f}"
