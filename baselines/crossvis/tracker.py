"""CrossVIS's tracking: every instance goes to the track whose last instance is most like it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from baselines.interface import Float32, Instances, IntArray, Matrix, PlugIn, VideoPrediction, VisTracker
from baselines.layers.boxes import overlap
from instmove.masks import Rle

OTHER_CLASS = -1.0
"""Score of an instance and a track of another class (tools/test_vis.py:97-140)."""
EPSILON = 1e-5
"""Added to the union of boxes (tools/test_vis.py:112-123)."""


@dataclass(frozen=True)
class TrackerSettings:
    """``hosts.crossvis.tracker`` of a setup."""

    match: float = 0.4
    """Least score of a match (tools/test_vis.py:189). Motion adds to scores, so more pairs pass with it."""
    least: float = 0.0
    """Instances that score less are dropped; none are in the paper, where up to 100 a frame enter the tracker."""
    motion_recency: int | None = None
    """Motion is predicted for tracks seen at most so many frames ago; in the paper (None) for all, which never end."""


class CrossVisTracker(VisTracker):
    """Cosine of embeddings plus IoU of boxes, gated by the class; the detection score has no say.

    hustvl/CrossVIS@378f4f3 tools/test_vis.py:97-242. Instances choose one by one; of two that choose the same track
    the less alike is dropped. Memory is the last instance of each track, tracks never end. The plug-in's score is
    added where the classes agree.
    """

    def __init__(self, settings: TrackerSettings, plug_in: PlugIn | None = None) -> None:
        self.settings, self.plug_in = settings, plug_in
        self.classes = np.zeros(0, dtype=np.int64)
        """Of the tracks' last instances, as the three that follow."""
        self.seen = np.zeros(0, dtype=np.int64)
        self.boxes: Float32 = np.zeros((0, 4), dtype=np.float32)
        self.embeddings: Matrix | None = None
        """Of unit length."""

    def step(self, frame: int, instances: Instances) -> IntArray:
        """Ids of a frame's instances: an old track, a new one, or -1 for those that lost a track to a better match."""
        ids = np.full(len(instances), -1, dtype=np.int64)
        kept = instances.scores.max(axis=1) >= self.settings.least
        ids[kept] = self._choose(self._scores(frame, instances)[kept])
        self._update(frame, ids, instances)
        if self.plug_in is not None:
            self.plug_in.remember(frame, ids, instances, ids >= 0)
        return ids

    def scores(self, instances: Instances) -> Matrix:
        """(N, K): how alike N instances and the K tracks so far are, without motion."""
        if self.embeddings is None:
            return np.zeros((len(instances), 0))
        alike = _unit(instances.embeddings) @ self.embeddings.T + _box_iou(instances.boxes, self.boxes)
        return np.where(self._agreeing(instances), alike, OTHER_CLASS)

    def _agreeing(self, instances: Instances) -> np.ndarray:
        return _classes(instances)[:, None] == self.classes

    def _scores(self, frame: int, instances: Instances) -> Matrix:
        scores = self.scores(instances)
        if self.plug_in is None:
            return scores
        recency = self.settings.motion_recency
        ids = np.flatnonzero(frame - self.seen <= (np.inf if recency is None else recency))
        motion = self.plug_in.score(frame, ids.tolist(), instances).T
        scores[:, ids] += np.where(self._agreeing(instances)[:, ids], motion, 0)
        return scores

    def _choose(self, scores: Matrix) -> IntArray:
        """Each row's best column, -1 where a better row has it, a new number where none is good enough."""
        count, tracks = scores.shape
        ids = np.full(count, -1, dtype=np.int64)
        best = scores.max(axis=1, initial=-np.inf)
        born = best < self.settings.match
        ids[born] = tracks + np.arange(born.sum())
        rows = np.flatnonzero(~born)
        rows = rows[np.argsort(-best[rows], kind="stable")]
        if rows.size:
            chosen, first = np.unique(scores[rows].argmax(axis=1), return_index=True)
            ids[rows[first]] = chosen
        return ids

    def _update(self, frame: int, ids: IntArray, instances: Instances) -> None:
        """Replace the last instances of matched tracks and append the new tracks, whose ids follow."""
        named = ids >= 0
        embeddings = np.zeros((0, instances.embeddings.shape[1])) if self.embeddings is None else self.embeddings
        self.classes = _written(self.classes, ids[named], _classes(instances)[named])
        self.seen = _written(self.seen, ids[named], np.full(named.sum(), frame))
        self.boxes = _written(self.boxes, ids[named], instances.boxes[named])
        self.embeddings = _written(embeddings, ids[named], _unit(instances.embeddings)[named])

    def results(self, ids: Sequence[IntArray], frames: Sequence[Instances]) -> list[VideoPrediction]:
        """Every track, however short: its first instance's class and the mean of its scores."""
        categories: dict[int, int] = {}
        scores: dict[int, list[float]] = {}
        masks: dict[int, list[Rle | None]] = {}
        for t, instances in enumerate(frames):
            classes, best = _classes(instances), instances.scores.max(axis=1, initial=0)
            for row in np.flatnonzero(ids[t] >= 0):
                track = int(ids[t][row])
                categories.setdefault(track, int(classes[row]))
                scores.setdefault(track, []).append(float(best[row]))
                masks.setdefault(track, [None] * len(ids))[t] = instances.rles[row]
        return [
            VideoPrediction(categories[track], float(np.mean(scores[track])), tuple(masks[track]))
            for track in sorted(masks)
        ]


def _classes(instances: Instances) -> IntArray:
    return instances.scores.argmax(axis=1)


def _unit(embeddings: Float32) -> Matrix:
    wide = embeddings.astype(np.float64)
    return wide / np.linalg.norm(wide, axis=1, keepdims=True)


def _box_iou(first: Float32, second: Float32) -> Matrix:
    """(N, K) of boxes (N, 4) and (K, 4)."""
    a, b = (torch.tensor(boxes, dtype=torch.float64) for boxes in (first, second))
    intersection, union = overlap(a[:, None], b)
    return (intersection / (union + EPSILON)).numpy()


def _written(table: np.ndarray, rows: IntArray, values: np.ndarray) -> np.ndarray:
    """``table`` with these rows replaced, made longer where they lie behind its end."""
    length = max(len(table), rows.max(initial=-1) + 1)
    longer = np.concatenate((table, np.zeros((length - len(table), *table.shape[1:]), dtype=table.dtype)))
    longer[rows] = values
    return longer
