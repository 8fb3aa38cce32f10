"""MinVIS's tracking: the queries of the first frame are the tracks, those of every other frame are assigned to them."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.special import softmax

from baselines.interface import Float32, Instances, IntArray, Matrix, PlugIn, VideoPrediction, VisTracker
from instmove.masks import BoolArray, Rle

RESULTS = 10
"""Tracks that a video is scored by: NVlabs/MinVIS@d039c54 minvis/video_maskformer_model.py:375-390."""


class MinVisTracker(VisTracker):
    """Hungarian assignment of queries to slots by the cosine of their embeddings to the slots' in the frame before.

    NVlabs/MinVIS@d039c54 minvis/video_maskformer_model.py:265-317. No births, no deaths, no threshold: every query of
    every frame belongs to a slot, and an id is the number of a slot. The plug-in's score is added to the cosine.

    As there is no threshold, what history ``last_seen`` takes for a match is our choice: a query that sees something,
    its best class being likelier than no-object and its mask not empty.
    """

    def __init__(self, plug_in: PlugIn | None = None) -> None:
        self.plug_in = plug_in
        self.embeddings: Matrix | None = None
        """Of the slots in the frame before, unit length."""
        self.logits: Matrix | None = None
        """Of the slots, summed over the frames so far."""
        self.frames = 0

    def step(self, frame: int, instances: Instances) -> IntArray:
        """The slot of every query; nothing is dropped."""
        queries = self._queries(frame, instances)
        ids = np.argsort(queries)
        self.embeddings = _unit(instances.embeddings)[queries]
        logits = instances.scores[queries].astype(np.float64)
        self.logits = logits if self.logits is None else self.logits + logits
        self.frames += 1
        if self.plug_in is not None:
            self.plug_in.remember(frame, ids, instances, _sees_something(instances))
        return ids

    def _queries(self, frame: int, instances: Instances) -> IntArray:
        """The query that each slot is given."""
        slots = np.arange(len(instances))
        if self.embeddings is None:
            return slots
        score = self.embeddings @ _unit(instances.embeddings).T
        if self.plug_in is not None:
            score = score + self.plug_in.score(frame, slots.tolist(), instances, self._confidence())
        return linear_sum_assignment(score, maximize=True)[1]

    def _confidence(self) -> Matrix:
        """Probability of each slot's best class under its mean logits so far.

        wjf5203/VNext@db33833 projects/InstMove/MinVIS_motion/minvis/video_maskformer_model.py:380-384.
        """
        assert self.logits is not None
        return _class_probabilities(self.logits / self.frames).max(axis=1)

    def results(self, ids: Sequence[IntArray], frames: Sequence[Instances]) -> list[VideoPrediction]:
        """The ten most probable pairs of track and class, by the logits' mean over the frames of the track."""
        tracks, lengths = np.unique(np.concatenate([row[row >= 0] for row in ids]), return_counts=True)
        if tracks.size == 0:
            return []
        scores = _class_probabilities(_total_logits(tracks, ids, frames) / lengths[:, None])
        best = np.argsort(-scores, axis=None, kind="stable")[:RESULTS]
        rows, categories = np.unravel_index(best, scores.shape)
        columns = [_masks_of(tracks[rows], ids[t], instances) for t, instances in enumerate(frames)]
        return [
            VideoPrediction(int(category), float(scores[row, category]), masks)
            for row, category, masks in zip(rows, categories, zip(*columns, strict=True), strict=True)
        ]


def _unit(embeddings: Float32) -> Matrix:
    wide = embeddings.astype(np.float64)
    return wide / np.linalg.norm(wide, axis=1, keepdims=True)


def _class_probabilities(logits: Matrix) -> Matrix:
    """Softmax over all classes, then without no-object."""
    return softmax(logits, axis=1)[:, :-1]


def _sees_something(instances: Instances) -> BoolArray:
    likely = instances.scores[:, :-1].max(axis=1) > instances.scores[:, -1]
    return likely & instances.masks.any(axis=(1, 2))


def _total_logits(tracks: IntArray, ids: Sequence[IntArray], frames: Sequence[Instances]) -> Matrix:
    """Of each track, summed over the frames that have it."""
    total = np.zeros((len(tracks), frames[0].scores.shape[1]))
    for t, instances in enumerate(frames):
        named = ids[t] >= 0
        total[np.searchsorted(tracks, ids[t][named])] += instances.scores[named]
    return total


def _masks_of(tracks: IntArray, ids: IntArray, instances: Instances) -> list[Rle | None]:
    row_of = {int(track): row for row, track in enumerate(ids)}
    return [instances.rles[row_of[track]] if track in row_of else None for track in tracks.tolist()]
