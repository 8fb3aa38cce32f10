"""Made-up predictions of tracks for the tests of video instance segmentation."""

from collections.abc import Sequence

import numpy as np

from instmove import masks
from instmove.masks import Rle
from instmove.metrics.video_ap import TrackPrediction, VideoMatches, pool
from instmove.metrics.video_ap_matching import match_video
from instmove.video import Dataset, Track, Video


def noisy_predictions(video: Video, seed: int, wrong: float = 0.2) -> list[TrackPrediction]:
    """Each track shifted a little, with gaps; some of the wrong category (1, 2 or 3)."""
    generator = np.random.default_rng([seed, video.id])
    predictions = []
    for track in video.tracks or ():
        shift = tuple(generator.integers(-2, 3, 2).tolist())
        kept = generator.random(len(video)) > 0.1
        category = int(generator.integers(1, 4)) if generator.random() < wrong else track.category
        seen = tuple(_shifted(track, t, shift) if kept[t] else None for t in range(len(video)))
        predictions.append(TrackPrediction(category, float(generator.random()), seen))
    return predictions


def _shifted(track: Track, frame: int, shift: Sequence[int]) -> Rle | None:
    mask = track.mask(frame)
    return None if mask is None else masks.encode(np.roll(mask, shift, (0, 1)))


def matched(dataset: Dataset, seed: int, wrong: float = 0.2) -> VideoMatches:
    """Noisy predictions of all videos of a dataset, matched."""
    return pool(match_video(video, noisy_predictions(video, seed, wrong)) for video in dataset)
