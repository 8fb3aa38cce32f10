"""A network over every frame of a benchmark, its predictions cached (see ``baselines.cache``)."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from baselines.cache import video_path
from baselines.cached_video import is_whole, write_video
from baselines.frames import FramesAhead
from baselines.interface import FramePredictor, Instances, SequencePredictor
from instmove.video import Dataset, Video


@dataclass
class PredictionTime:
    """What a run has computed: frames, and seconds for them, in which images are waited for, too."""

    frames: int = 0
    seconds: float = 0.0


def predict_dataset(
    predictor: FramePredictor | SequencePredictor, dataset: Dataset, folder: Path, stamp: str
) -> tuple[dict[str, int], PredictionTime]:
    """Predict the videos that the folder does not have with this stamp, or has broken.

    Gives the number of frames of every video by name, and what was computed.
    """
    videos: dict[str, int] = {}
    spent = PredictionTime()
    for video in tqdm(dataset, desc=f"predictions on {dataset.name}", total=len(dataset), unit="video", disable=None):
        path = video_path(folder, video.name)
        if not is_whole(path, stamp, len(video)):
            write_video(path, timed(predict_video(predictor, video), spent), stamp)
        videos[video.name] = len(video)
    return videos, spent


def predict_video(predictor: FramePredictor | SequencePredictor, video: Video) -> Iterator[Instances]:
    """The instances of each frame, one by one or a window at a time; the next images are read meanwhile."""
    if isinstance(predictor, SequencePredictor):
        ahead = FramesAhead(video, ahead=1)
        yield from predictor.predict(ahead[t] for t in range(len(video)))
        return
    images = FramesAhead(video, predictor.window)
    for start in range(0, len(video), predictor.window):
        window = range(start, min(start + predictor.window, len(video)))
        yield from predictor.predict([images[t] for t in window])


def timed(frames: Iterator[Instances], spent: PredictionTime) -> Iterator[Instances]:
    """The same frames; the time until each comes is added up."""
    while True:
        started = time.perf_counter()
        instances = next(frames, None)
        spent.seconds += time.perf_counter() - started
        if instances is None:
            return
        spent.frames += 1
        yield instances
