"""A host for tests, to stand in for a registered one: it reads what it sees from the brightness of tiny OVIS's frames.

Its two objects look alike and come in another order in every other frame, so that only motion tells them apart.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from tiny_ovis import HEIGHT, WIDTH
from torch import nn

from baselines.interface import FramePredictor, Instances, IntArray, Matrix, PlugIn, VideoPrediction, VisTracker
from instmove import masks
from instmove.masks import BoolArray, resize_nearest
from instmove.video import Image, Video


def box(x: int, y: int) -> BoolArray:
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    mask[y : y + 8, x : x + 8] = True
    return mask


def seen_at(frame: int) -> Instances:
    """What the network sees in frame t of tiny OVIS: both objects, the second only where it is visible."""
    found = [(box(2 + 2 * frame, 3), 0), (box(4 + frame, 13), 1)][: 2 if frame % 5 else 1]
    found = found[::-1] if frame % 2 else found
    shapes = np.stack([mask for mask, _ in found])
    return Instances(
        scores=np.array([np.eye(2)[label] * 0.9 for _, label in found], dtype=np.float32),
        boxes=np.array([masks.box_of_mask(mask) for mask, _ in found], dtype=np.float32),
        embeddings=np.ones((len(found), 3), dtype=np.float32),
        masks=resize_nearest(shapes, HEIGHT // 2, WIDTH // 2),
        rles=tuple(masks.encode(mask) for mask in shapes),
    )


class FakePredictor(FramePredictor):
    def __init__(self, window: int) -> None:
        self.window = window
        self.windows: list[int] = []

    def predict(self, images: Sequence[Image]) -> list[Instances]:
        self.windows.append(len(images))
        return [seen_at(round(float(image.mean()) / 20)) for image in images]


class FakeTracker(VisTracker):
    """Two tracks; every instance scores the same with each, but for what the plug-in adds."""

    def __init__(self, plug_in: PlugIn | None) -> None:
        self.plug_in = plug_in

    def step(self, frame: int, instances: Instances) -> IntArray:
        score: Matrix = np.ones((2, len(instances)))
        if self.plug_in is not None:
            score = score + self.plug_in.score(frame, [0, 1], instances, np.array([0.9, 0.8]))
        rows, columns = linear_sum_assignment(score, maximize=True)
        ids = np.full(len(instances), -1)
        ids[columns] = rows
        if self.plug_in is not None:
            self.plug_in.remember(frame, ids, instances, ids >= 0)
        return ids

    def results(self, ids: Sequence[IntArray], frames: Sequence[Instances]) -> list[VideoPrediction]:
        tracks = sorted({int(n) for row in ids for n in row if n >= 0})
        where = [[(t, row.tolist().index(n)) for t, row in enumerate(ids) if n in row] for n in tracks]
        made = []
        for number, places in zip(tracks, where, strict=True):
            score = np.mean([frames[t].scores[row] for t, row in places], axis=0)
            found = {t: frames[t].rles[row] for t, row in places}
            shown = tuple(found.get(t) for t in range(len(frames)))
            made.append(VideoPrediction(int(score.argmax()), float(score.max()) - 0.1 * number, shown))
        return made


def build(settings: dict[str, Any], classes: int) -> nn.Module:
    torch.manual_seed(0)
    return nn.Linear(3, classes)


def predictor(network: nn.Module, settings: dict[str, Any], device: Any) -> FakePredictor:
    return FakePredictor(settings["window"])


def tracker(settings: dict[str, Any], video: Video, plug_in: PlugIn | None) -> FakeTracker:
    return FakeTracker(plug_in)
