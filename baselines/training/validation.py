"""How good a host is on single frames while it trains: the number that says whether association is the bottleneck."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import nn

from baselines.interface import FramePredictor, Host
from instmove.datasets.classes import category_of_class
from instmove.metrics.frame_ap import FrameObjects, frame_truths, mask_ap50
from instmove.video import Dataset, Video

FRAMES = 200
"""Held-out frames that are looked at."""


def frame_validation(
    host: Host, settings: dict[str, Any], classes: Sequence[str], held_out: Dataset, device: torch.device
) -> Callable[[nn.Module], dict[str, float]]:
    """A function that gives a task's ``ap50``, the mask AP at IoU 0.5 of up to 200 frames, each taken as a video.

    The frames are evenly spaced over the whole dataset; the same for every network and iteration.
    """
    frames = list(_chosen(held_out))
    truths = [objects for frame in frames for objects in frame_truths(frame)]
    categories = category_of_class(classes, held_out.categories)

    def validate(task: nn.Module) -> dict[str, float]:
        predictor = host.predictor(task.network, settings, device)
        found = [_found(host, settings, predictor, frame, categories) for frame in frames]
        return {"ap50": mask_ap50(truths, found)}

    return validate


def _chosen(dataset: Dataset) -> Iterator[Video]:
    """Videos of one frame."""
    videos = list(dataset)
    places = [(video, t) for video in videos for t in range(len(video))]
    for video, t in places[:: max(1, len(places) // FRAMES)][:FRAMES]:
        yield video.select([t])


def _found(
    host: Host, settings: dict[str, Any], predictor: FramePredictor, frame: Video, categories: dict[int, int]
) -> FrameObjects:
    """What the method would answer for a video of this one frame."""
    (instances,) = predictor.predict([frame.image(0)])
    tracker = host.tracker(settings, frame, None)
    ids = tracker.step(0, instances)
    tracks = [track for track in tracker.results([ids], [instances]) if track.category in categories]
    shown = [(track, rle) for track in tracks if (rle := track.masks[0])]
    return FrameObjects(
        [categories[track.category] for track, _ in shown],
        [rle for _, rle in shown],
        scores=[track.score for track, _ in shown],
    )
