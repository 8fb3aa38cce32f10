"""From cached instances to the tracks of a method that reports frame by frame (PCAN, Unicorn)."""

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from tqdm import tqdm

from baselines.association import AssociationCost, plug_in_of
from baselines.cache import PredictionCache
from baselines.interface import Instances, IntArray, MotsHost
from baselines.oracle import true_ids
from baselines.settings import ORACLE, AssociationSettings
from instmove.datasets.classes import category_of_class
from instmove.masks import Rle, disjoint
from instmove.metrics.mots import MATCH_IOU
from instmove.motion.base import MotionModel
from instmove.video import Dataset, Track, Video


@dataclass(frozen=True)
class MotsAssociation:
    """One variant of one host: what runs over every video, in their order."""

    host: MotsHost
    host_settings: dict[str, Any]
    settings: AssociationSettings
    model: MotionModel | None
    """None where there is no motion, or the true one."""
    network: Any
    """The host's, whose refine head runs again for every variant."""
    categories: Mapping[int, int]
    """Category of the dataset by class of the network; what is of another class is left out."""

    def tracks(self, video: Video, frames: Sequence[Instances], cost: AssociationCost) -> tuple[Track, ...]:
        """The tracks of a video; what it took is added to ``cost``."""
        plug_in = plug_in_of(self.settings, self.model, video)
        tracker = self.host.tracker(self.host_settings, self.network, plug_in)
        oracle = self.settings.association == ORACLE
        given = true_ids(video, frames, MATCH_IOU) if oracle else [None] * len(frames)
        found: dict[tuple[int, int], list[Rle | None]] = defaultdict(lambda: [None] * len(frames))
        seconds = 0.0
        for t, instances in enumerate(frames):
            started = time.perf_counter()
            ids, reported = tracker.track(t, instances, given[t])
            seconds += time.perf_counter() - started
            for key, rle in self._shown(ids, reported):
                found[key][t] = rle
        cost.add(len(frames), seconds, plug_in)
        return tuple(Track(number, category, tuple(rles)) for (number, category), rles in sorted(found.items()))

    def _shown(self, ids: IntArray, reported: Instances) -> Iterator[tuple[tuple[int, int], Rle]]:
        """(id from 1, category) and mask of everything that has an id; where masks overlap, the higher score wins.

        SysCV/pcan@281e3a7 pcan/core/to_bdd100k/utils.py:11-37.
        """
        labels = reported.scores.argmax(axis=1) if len(reported) else np.zeros(0, dtype=np.int64)
        order = np.argsort(-reported.scores.max(axis=1, initial=0), kind="stable")
        rows = [row for row in order if ids[row] >= 0 and int(labels[row]) in self.categories]
        for row, rle in zip(rows, disjoint([reported.rles[row] for row in rows]), strict=True):
            yield (int(ids[row]) + 1, self.categories[int(labels[row])]), rle


def associate_mots(
    association: MotsAssociation, dataset: Dataset, cache: PredictionCache, cost: AssociationCost
) -> Iterator[tuple[Video, tuple[Track, ...]]]:
    """Every video with its tracks."""
    for video in tqdm(dataset, desc=f"tracks on {dataset.name}", total=len(dataset), unit="video", disable=None):
        with cache.video(video.name) as frames:
            yield video, association.tracks(video, frames, cost)


def categories_of(cache: PredictionCache, dataset: Dataset) -> dict[int, int]:
    """Category of the dataset by class of the network that predicted."""
    return category_of_class(cache.classes, dataset.categories)
