"""From cached instances to scored tracks: a host's own tracker, with motion or without, or the true identities."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tqdm import tqdm

from baselines.cache import PredictionCache
from baselines.interface import Host, Instances, IntArray, VideoPrediction
from baselines.oracle import OracleMotion, true_ids
from baselines.plug_in import MotionPlugIn, plug_in_for
from baselines.settings import ORACLE, AssociationSettings
from instmove.datasets.classes import category_of_class
from instmove.metrics.video_ap import TrackPrediction
from instmove.motion.base import MotionModel
from instmove.reporting.cost import Cost
from instmove.video import Dataset, Video

RECORDED = ("motion_ms_per_frame", "association_ms_per_frame", "motion_share", "association_share")
"""What the record of a run has of its :class:`Cost`."""


@dataclass
class AssociationCost:
    """What association has taken so far, oracle identities apart; reading predictions is not in it."""

    frames: int = 0
    association_seconds: float = 0.0
    """In the tracker itself."""
    motion_seconds: float = 0.0
    """In the plug-in, waiting for images included."""
    tracklet_predictions: int = 0
    """Tracklets whose motion was predicted, each once a frame."""

    def record(self, network: float | None) -> dict[str, float]:
        """For the record of the run, beside the seconds a frame that the host's network took, if they are known."""
        if not self.frames:
            return asdict(self)
        seconds = (self.motion_seconds, self.association_seconds)
        values = Cost(self.frames, self.tracklet_predictions, *seconds, network, device="").values()
        return asdict(self) | {name: values[name] for name in RECORDED if values[name] is not None}

    def add(self, frames: int, seconds: float, plug_in: MotionPlugIn | None) -> None:
        """Add a video, for which the tracker took so long, the plug-in included."""
        self.frames += frames
        self.association_seconds += seconds
        if plug_in is not None:
            self.association_seconds -= plug_in.seconds
            self.motion_seconds += plug_in.seconds
            self.tracklet_predictions += plug_in.predictions


@dataclass(frozen=True)
class Association:
    """One variant of one host: what runs over every video."""

    host: Host
    host_settings: dict[str, Any]
    settings: AssociationSettings
    model: MotionModel | None
    """None where there is no motion, or the true one."""

    def tracks(self, video: Video, frames: Sequence[Instances], cost: AssociationCost) -> list[VideoPrediction]:
        """The scored tracks of a video, by the method's own rule; what it took is added to ``cost``."""
        plug_in = plug_in_of(self.settings, self.model, video)
        tracker = self.host.tracker(self.host_settings, video, plug_in)
        if self.settings.association == ORACLE:
            return tracker.results(true_ids(video, frames), frames)
        ids: list[IntArray] = []
        seconds = 0.0
        for t, instances in enumerate(frames):
            started = time.perf_counter()
            ids.append(tracker.step(t, instances))
            seconds += time.perf_counter() - started
        cost.add(len(frames), seconds, plug_in)
        return tracker.results(ids, frames)


def plug_in_of(settings: AssociationSettings, model: MotionModel | None, video: Video) -> MotionPlugIn | None:
    """The plug-in of a variant for one video, None without motion; ``model`` None is no motion or the true one."""
    chosen = OracleMotion(video) if settings.model == ORACLE else model
    return None if chosen is None else plug_in_for(chosen, video, settings)


def associate_dataset(
    association: Association, dataset: Dataset, cache: PredictionCache, cost: AssociationCost
) -> Iterator[tuple[Video, list[TrackPrediction]]]:
    """Every video with its tracks in the dataset's categories; those of classes that it does not have are left out."""
    categories = category_of_class(cache.classes, dataset.categories)
    for video in tqdm(dataset, desc=f"tracks on {dataset.name}", total=len(dataset), unit="video", disable=None):
        with cache.video(video.name) as frames:
            yield video, _in_categories(association.tracks(video, frames, cost), categories)


def _in_categories(tracks: Sequence[VideoPrediction], categories: Mapping[int, int]) -> list[TrackPrediction]:
    return [
        TrackPrediction(categories[track.label], track.score, track.masks)
        for track in tracks
        if track.label in categories
    ]
