"""IDOL's tracking: bi-softmax of embeddings against a weighted memory, best instances first."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from baselines.idol.results import ResultSettings, video_result
from baselines.interface import Float32, Instances, IntArray, PlugIn, VideoPrediction, VisTracker
from baselines.quasi_dense import similarity
from instmove.masks import BoolArray

EPSILON = 1e-6
"""Added to intersection and union of masks (tracker.py:17-24)."""
MOMENTUM = 0.8
"""Share of the new embedding in a track's where memory is not weighted (idol.py:285)."""


@dataclass(frozen=True)
class TrackerSettings(ResultSettings):
    """``hosts.idol.tracker`` of a setup; the defaults are those of YouTube-VIS (idol.py:278-290, config.py:60-64)."""

    duplicate_iou: float = 0.5
    """Instances that overlap a better one by more are dropped (NMS_PRE; 0.3 for OVIS)."""
    init_score: float = 0.2
    """Instances above it start tracks where there is none at all."""
    new_score: float = 0.2
    """Instances above it start tracks (ADD_NEW_SCORE; 0.3 for OVIS)."""
    match_score: float = 0.5
    """Least score of a match. Motion adds to scores, so more pairs pass with it."""
    tracklet_frames: int = 10
    """A track that was not seen for so many frames is forgotten."""
    memory: int = 3
    """Matches that make up a track's embedding, later and surer ones more."""
    temporal_weight: bool = True
    """Whether they do; else a track's embedding is a running mean (INFERENCE_TW)."""
    frame_weight: bool = True
    """Whether of several tracks that match, long ones are preferred (INFERENCE_FW)."""


class _Tracklet:
    """A live track."""

    def __init__(self, embedding: Float32, settings: TrackerSettings) -> None:
        self.blended = embedding
        self.embeddings: deque[Float32] = deque(maxlen=settings.memory)
        self.scores: deque[np.float32] = deque(maxlen=settings.memory)
        self.seen = 0
        """Frames in which it was matched, its first included."""
        self.last = 0
        """The last of them."""

    def update(self, frame: int, embedding: Float32, score: np.float32) -> None:
        if self.seen:
            self.blended = np.float32(1 - MOMENTUM) * self.blended + np.float32(MOMENTUM) * embedding
        self.embeddings.append(embedding)
        self.scores.append(score)
        self.seen += 1
        self.last = frame

    def weighted(self) -> Float32:
        """Mean of the remembered embeddings; the j-th of L weighs its score plus j / L (tracker.py:179-186)."""
        count = len(self.scores)
        weights = np.array(self.scores) + np.arange(1, count + 1, dtype=np.float32) / np.float32(count)
        return (np.stack(self.embeddings) * weights[:, None]).sum(axis=0) / weights.sum()


class IdolTracker(VisTracker):
    """Tracks one video; ``plug_in`` None is the method as published. Instances come best first.

    wjf5203/VNext@db33833 projects/IDOL/idol/models/tracker.py:50-298. The plug-in's score is added to the bi-softmax,
    for all live tracks, before the preference for long tracks and the threshold. Classes have no say.
    """

    def __init__(self, settings: TrackerSettings, plug_in: PlugIn | None = None) -> None:
        self.settings, self.plug_in = settings, plug_in
        self.tracklets: dict[int, _Tracklet] = {}
        self.born = 0

    def step(self, frame: int, instances: Instances) -> IntArray:
        """Ids of a frame's instances; -1 for duplicates and for those that neither match nor may start a track."""
        ids = np.full(len(instances), -1, dtype=np.int64)
        if len(instances):
            rows = _distinct(instances.masks, self.settings.duplicate_iou)
            ids[rows] = self._identities(frame, instances.select(rows))
        if self.plug_in is not None:
            self.plug_in.remember(frame, ids, instances, ids >= 0)
        return ids

    def results(self, ids: Sequence[IntArray], frames: Sequence[Instances]) -> list[VideoPrediction]:
        """The tracks that lived long enough, once for every class that they may be of."""
        return video_result(ids, frames, self.settings)

    def _identities(self, frame: int, instances: Instances) -> IntArray:
        confidence = instances.scores.max(axis=1)
        if self.tracklets:
            ids, least = self._matched(self._scores(frame, instances)), self.settings.new_score
        else:
            ids, least = np.full(len(instances), -1, dtype=np.int64), self.settings.init_score
        new = np.flatnonzero((ids < 0) & (confidence > least))
        ids[new] = self.born + np.arange(len(new))
        self.born += len(new)
        self._update(frame, ids, instances.embeddings, confidence)
        return ids

    def _scores(self, frame: int, instances: Instances) -> Float32:
        """(N, tracks); single precision, as a score may be the threshold itself (tracker.py:231-235)."""
        tracklets = self.tracklets.values()
        memory = [track.weighted() if self.settings.temporal_weight else track.blended for track in tracklets]
        scores = similarity(instances.embeddings, np.stack(memory), "bisoftmax").astype(np.float32)
        if self.plug_in is not None:
            scores += self.plug_in.score(frame, list(self.tracklets), instances).T.astype(np.float32)
        return scores

    def _matched(self, scores: Float32) -> IntArray:
        """Best instances choose first; a track that was chosen is gone for the others (tracker.py:245-264)."""
        numbers = np.array(list(self.tracklets))
        seen = np.array([track.seen for track in self.tracklets.values()], dtype=np.float32)
        ids = np.full(len(scores), -1, dtype=np.int64)
        for row in range(len(scores)):
            preferred = self._preferred(scores[row], seen)
            best = int(preferred.argmax())
            if preferred[best] > self.settings.match_score:
                ids[row] = numbers[best]
                scores[np.arange(len(scores)) != row, best] = 0
        return ids

    def _preferred(self, scores: Float32, seen: Float32) -> Float32:
        """Scores (tracks,) of an instance, times the frames of each track where several match."""
        several = scores > self.settings.match_score
        if not self.settings.frame_weight or several.sum() < 2:
            return scores
        return scores * np.where(several, seen, seen[several].mean())

    def _update(self, frame: int, ids: IntArray, embeddings: Float32, confidence: Float32) -> None:
        """Take matches into memory and forget the tracks that are out of sight for too long (tracker.py:102-161)."""
        for row in np.flatnonzero(ids >= 0):
            track = self.tracklets.setdefault(int(ids[row]), _Tracklet(embeddings[row], self.settings))
            track.update(frame, embeddings[row], confidence[row])
        limit = self.settings.tracklet_frames
        self.tracklets = {number: track for number, track in self.tracklets.items() if frame - track.last < limit}


def _distinct(masks: BoolArray, threshold: float) -> IntArray:
    """Rows of masks (N, h, w), best first, that overlap no kept one by more (tracker.py:26-46)."""
    overlaps = _mask_iou(masks) > threshold
    kept = np.ones(len(masks), dtype=bool)
    for row in range(len(masks)):
        if kept[row]:
            kept[row + 1 :] &= ~overlaps[row, row + 1 :]
    return np.flatnonzero(kept)


def _mask_iou(masks: BoolArray) -> Float32:
    """(N, N) in single precision, in which an IoU can be exactly the threshold; 1 for two empty masks."""
    flat = masks.reshape(len(masks), -1).astype(np.float32)
    intersection = flat @ flat.T
    area = flat.sum(axis=1)
    union = area[:, None] + area - intersection
    return (intersection + np.float32(EPSILON)) / (union + np.float32(EPSILON))
