"""Fabricated results of video instance segmentation: true tracks whose identities are swapped now and then."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from made_up import ORIGIN

from instmove.metrics.result_files import submission_path
from instmove.metrics.video_ap import TrackPrediction, pool
from instmove.metrics.video_ap_files import write_video_metrics
from instmove.metrics.video_ap_matching import match_video
from instmove.metrics.ytvis_results import write_results
from instmove.reporting.cells import Result
from instmove.video import Dataset, Video


def predict(video: Video, generator: np.random.Generator, swaps: int) -> list[TrackPrediction]:
    """The true tracks, some frames missing; ``swaps`` times two of them change places for the rest of the video."""
    assert video.tracks is not None
    tracks = [list(track.masks) for track in video.tracks]
    for _ in range(swaps if len(tracks) > 1 else 0):
        (one, other), frame = generator.choice(len(tracks), 2, replace=False), generator.integers(1, len(video))
        tracks[one][frame:], tracks[other][frame:] = tracks[other][frame:], tracks[one][frame:]
    scores = generator.uniform(0.5, 1, len(tracks)).tolist()
    return [
        TrackPrediction(track.category, score, tuple(masks))
        for track, score, masks in zip(video.tracks, scores, tracks, strict=True)
    ]


def write_tracking(folder: Path, dataset: Dataset, results: Mapping[Result, int]) -> None:
    """Write metrics, matches and tracks of each result with its number of swaps a video."""
    for result, swaps in results.items():
        generator = np.random.default_rng(list("".join(result[:3]).encode()))
        tracks = [(video, predict(video, generator, swaps)) for video in dataset]
        origin = ORIGIN | {"dataset": result.benchmark, "method": result.host, "motion": result.motion}
        path = folder / result.path
        write_video_metrics(path, origin, pool(match_video(*each) for each in tracks), draws=50)
        write_results(submission_path(path), tracks)
