"""The quasi-dense tracker that PCAN and Unicorn share, and where motion enters it (Sec. 3.4).

SysCV/pcan@281e3a7 pcan/models/trackers/quasi_dense_embed_tracker.py; MasterBin-IIAU/Unicorn@4da9079
external/qdtrack/qdtrack/models/trackers/quasi_dense_embed_tracker.py is the same but for its settings.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from baselines.interface import Float32, Instances, IntArray, Matrix, MotsTracker, PlugIn

NONE, BACKDROP = -2, -1
"""Ids of what matched with too low a score, and of what matched nothing."""


@dataclass(frozen=True)
class QuasiDenseSettings:
    """Thresholds; the defaults are the class's own (quasi_dense_embed_tracker.py:11-22)."""

    init_score: float = 0.8
    """A detection above it may start a track."""
    object_score: float = 0.5
    """A detection above it may continue one."""
    match_score: float = 0.5
    tracklet_frames: int = 10
    """A track that was not seen for so many frames is forgotten."""
    backdrop_frames: int = 1
    momentum: float = 0.8
    """Share of the new embedding in a track's."""
    duplicate_iou: float = 0.7
    backdrop_iou: float = 0.3
    low_match_score: float = 0.5
    with_classes: bool = True
    metric: Literal["bisoftmax", "cosine"] = "bisoftmax"


@dataclass
class _Memory:
    """A live track, or what was in the background."""

    id: int
    embedding: Float32
    label: int
    last: int


@dataclass(frozen=True)
class Match:
    """What became of a frame's detections: the kept rows, best score first, and the id of each."""

    rows: IntArray
    ids: IntArray
    scores: Matrix
    """(rows, columns) after the class gate."""
    columns: IntArray
    """Id of each column of the memory: live tracks, then backdrops (-1)."""


class QuasiDenseTracker(MotsTracker):
    """Tracks one video; ``plug_in`` None is the method as published.

    ``Instances.scores`` hold the score of a detection in the column of its class, zeros elsewhere.
    """

    def __init__(self, settings: QuasiDenseSettings, plug_in: PlugIn | None) -> None:
        self.settings, self.plug_in = settings, plug_in
        self.tracks: dict[int, _Memory] = {}
        self.backdrops: list[list[_Memory]] = []
        self.born = 0

    def step(self, frame: int, instances: Instances) -> IntArray:
        """Ids (N,) of the detections of a frame; -1 for those that are no track."""
        return self.track(frame, instances)[0]

    def track(self, frame: int, instances: Instances, ids: IntArray | None = None) -> tuple[IntArray, Instances]:
        """:meth:`step`, and the detections as the method reports them; given ``ids`` replace the matching."""
        found = np.full(len(instances), BACKDROP, dtype=np.int64)
        if not len(instances):
            return found, instances
        match = self.match(frame, instances) if ids is None else _given(ids)
        final = self.final(instances, match)
        self.update(frame, final, match)
        found[match.rows] = np.maximum(match.ids, BACKDROP)
        if self.plug_in is not None:
            self.plug_in.remember(frame, found, final, found >= 0)
        return found, final

    def final(self, instances: Instances, match: Match) -> Instances:
        """The detections as the method reports and remembers them: as they are, but PCAN's masks follow the match."""
        return instances

    def match(self, frame: int, instances: Instances) -> Match:
        """Identities of the detections of a frame (:137-208); a memory without columns matches nothing."""
        confidence = instances.scores.max(axis=1)
        order = np.argsort(-confidence, kind="stable")
        rows = order[self._distinct(instances.boxes[order], confidence[order])]
        kept, memory = instances.select(rows), self._memory()
        columns = np.array([one.id for one in memory], dtype=np.int64)
        scores = self._scores(frame, kept, memory)
        ids = self._assign(scores.copy(), confidence[rows], columns)
        new = np.flatnonzero((ids == BACKDROP) & (confidence[rows] > self.settings.init_score))
        ids[new] = self.born + np.arange(len(new))
        self.born += len(new)
        return Match(rows, ids, scores, columns)

    def update(self, frame: int, instances: Instances, match: Match) -> None:
        """Take the frame into memory (:47-102)."""
        labels = instances.scores.argmax(axis=1)
        for row, number in zip(match.rows, match.ids, strict=True):
            if number >= 0:
                embedding = self._blended(int(number), instances.embeddings[row])
                self.tracks[int(number)] = _Memory(int(number), embedding, int(labels[row]), frame)
        loose = self._backdrops(instances.boxes[match.rows], match.ids)
        seen = [_Memory(BACKDROP, instances.embeddings[row], int(labels[row]), frame) for row in match.rows[loose]]
        self.backdrops = [seen, *self.backdrops][: self.settings.backdrop_frames]
        limit = self.settings.tracklet_frames
        self.tracks = {number: track for number, track in self.tracks.items() if frame - track.last < limit}

    def _distinct(self, boxes: Float32, confidence: Float32) -> NDArray[np.bool_]:
        """Which detections, best first, do not repeat a better one, kept or not."""
        settings = self.settings
        limit = np.where(confidence < settings.object_score, settings.backdrop_iou, settings.duplicate_iou)
        return np.logical_not((np.tril(box_iou(boxes), -1) > limit[:, None]).any(axis=1))

    def _backdrops(self, boxes: Float32, ids: IntArray) -> IntArray:
        """Detections without a track that do not overlap a better one."""
        repeats = (np.tril(box_iou(boxes), -1) > self.settings.backdrop_iou).any(axis=1)
        return np.flatnonzero((ids == BACKDROP) & ~repeats)

    def _memory(self) -> list[_Memory]:
        return [*self.tracks.values(), *(one for seen in self.backdrops for one in seen)]

    def _blended(self, number: int, embedding: Float32) -> Float32:
        if number not in self.tracks:
            return embedding
        momentum = np.float32(self.settings.momentum)
        return (1 - momentum) * self.tracks[number].embedding + momentum * embedding

    def _scores(self, frame: int, instances: Instances, memory: list[_Memory]) -> Matrix:
        """Matching scores (N, columns); motion is added after the softmax and before the class gate."""
        if not memory:
            return np.zeros((len(instances), 0))
        embeddings = np.stack([one.embedding for one in memory])
        scores = similarity(instances.embeddings, embeddings, self.settings.metric)
        if self.plug_in is not None and self.tracks:
            scores[:, : len(self.tracks)] += self.plug_in.score(frame, list(self.tracks), instances).T
        if self.settings.with_classes:
            scores *= instances.scores.argmax(axis=1)[:, None] == np.array([one.label for one in memory])
        return scores

    def _assign(self, scores: Matrix, confidence: Float32, columns: IntArray) -> IntArray:
        """Best detections choose first; a track that was chosen is gone for the others (:183-197)."""
        ids = np.full(len(scores), BACKDROP, dtype=np.int64)
        for row in range(len(scores) if len(columns) else 0):
            best = int(scores[row].argmax())
            if scores[row, best] <= self.settings.match_score or columns[best] < 0:
                continue
            if confidence[row] > self.settings.object_score:
                ids[row] = columns[best]
                scores[np.arange(len(scores)) != row, best] = 0
            elif scores[row, best] > self.settings.low_match_score:
                ids[row] = NONE
        return ids


def _given(ids: IntArray) -> Match:
    """A match of all detections with these ids."""
    return Match(np.arange(len(ids)), ids, np.zeros((len(ids), 0)), np.zeros(0, dtype=np.int64))


def similarity(first: Float32, second: Float32, metric: Literal["bisoftmax", "cosine"]) -> Matrix:
    """(K, N) of embeddings (K, D) and (N, D): mean of the softmax over either side, or cosine (:164-172)."""
    if metric == "cosine":
        return (_unit(first) @ _unit(second).T).astype(np.float64)
    products = first @ second.T
    return (_softmax(products, 1) + _softmax(products, 0)).astype(np.float64) / 2


def _softmax(values: Float32, axis: int) -> Float32:
    exponentials = np.exp(values - values.max(axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


def _unit(vectors: Float32) -> Float32:
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(min=1e-12)


def box_iou(boxes: Float32) -> Matrix:
    """IoU of every pair of boxes (N, 4: x1, y1, x2, y2), shape (N, N); 0 without area."""
    corner = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    opposite = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    intersection = (opposite - corner).clip(min=0).prod(axis=2).astype(np.float64)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1).astype(np.float64)
    union = areas[:, None] + areas[None] - intersection
    return np.divide(intersection, union, out=np.zeros_like(intersection), where=union > 0)
