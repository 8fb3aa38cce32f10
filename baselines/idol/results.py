"""From identities to scored tracks, by IDOL's rule."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from baselines.interface import Float32, Instances, IntArray, VideoPrediction
from instmove.masks import Rle

SHORT = 3
"""Matches that let a track stay in the result whatever comes (idol.py:408)."""
UNTOUCHED = 9
"""Frames in which no track is taken out of the result (idol.py:405)."""


@dataclass(frozen=True)
class ResultSettings:
    """What counts as a result; the defaults are the authors' (projects/IDOL/idol/config.py:55-58)."""

    class_score: float = 0.05
    """A track is reported for every class above it (APPLY_CLS_THRES)."""
    multi_class: bool = True
    """Else a track is reported for its best class alone, whatever the score (MULTI_CLS_ON)."""
    temporal_score: Literal["mean", "max"] = "mean"
    """Of a track's class scores over the frames in which it was matched (TEMPORAL_SCORE_TYPE)."""


@dataclass
class _Track:
    """Scores and masks by frame; frames without a match are absent."""

    scores: dict[int, Float32] = field(default_factory=dict)
    masks: dict[int, Rle] = field(default_factory=dict)


def video_result(
    ids: Sequence[IntArray], frames: Sequence[Instances], settings: ResultSettings
) -> list[VideoPrediction]:
    """Scored tracks, one for every class that a track may be of; ``ids`` are those of each frame's instances.

    wjf5203/VNext@db33833 projects/IDOL/idol/idol.py:379-471.
    """
    predictions = []
    for track in _tracks(ids, frames):
        stacked = np.stack(list(track.scores.values()))
        scores = stacked.mean(axis=0) if settings.temporal_score == "mean" else stacked.max(axis=0)
        masks = tuple(track.masks.get(t) for t in range(len(ids)))
        classes = np.flatnonzero(scores > settings.class_score) if settings.multi_class else [scores.argmax()]
        predictions += [VideoPrediction(int(label), float(scores[label]), masks) for label in classes]
    return predictions


def _tracks(ids: Sequence[IntArray], frames: Sequence[Instances]) -> list[_Track]:
    """Tracks in order of their births.

    From the tenth frame on, a track that has few matches and was missed twice in a row is taken out. The tracker may
    still match its id later: then it is in the result again, without what came before.
    """
    tracks: dict[int, _Track] = {}
    for t, instances in enumerate(frames):
        for row in np.flatnonzero(ids[t] >= 0):
            track = tracks.setdefault(int(ids[t][row]), _Track())
            track.scores[t], track.masks[t] = instances.scores[row], instances.rles[row]
        if t >= UNTOUCHED:
            tracks = {number: track for number, track in tracks.items() if _stays(track, t)}
    return list(tracks.values())


def _stays(track: _Track, frame: int) -> bool:
    return len(track.masks) >= SHORT or frame in track.masks or frame - 1 in track.masks
