"""How good a host is on single frames while it trains: the number that says whether association is the bottleneck."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import torch
from torch import nn

from baselines.interface import Host, Instances, NetworkHost
from baselines.prediction import predict_video
from instmove.datasets.classes import category_of_class
from instmove.masks import Rle
from instmove.metrics.frame_ap import FrameObjects, frame_truths, mask_ap50
from instmove.video import Dataset, Video

FRAMES = 200
"""Held-out frames that are looked at."""


class Answer(NamedTuple):
    """An object in a frame: the number of its class, its score and its mask."""

    label: int
    score: float
    rle: Rle


Answers = Callable[[Video, Instances], list[Answer]]
"""What a method says of a video of one frame, from the instances in it."""


def tracked(host: Host, settings: dict[str, Any]) -> Answers:
    """What the tracks of the method are, whose scores are those of the method's own results."""

    def answers(frame: Video, instances: Instances) -> list[Answer]:
        tracker = host.tracker(settings, frame, None)
        tracks = tracker.results([tracker.step(0, instances)], [instances])
        return [Answer(track.label, track.score, rle) for track in tracks if (rle := track.masks[0])]

    return answers


def detected(frame: Video, instances: Instances) -> list[Answer]:
    """All instances, for methods whose scores stand in the column of the class (see ``baselines.quasi_dense``)."""
    found = zip(instances.scores.argmax(axis=1), instances.scores.max(axis=1), instances.rles, strict=True)
    return [Answer(int(label), float(score), rle) for label, score, rle in found]


def frame_validation(
    host: NetworkHost,
    settings: dict[str, Any],
    classes: Sequence[str],
    held_out: Dataset,
    device: torch.device,
    answers: Answers,
) -> Callable[[nn.Module], dict[str, float]]:
    """A function that gives a task's ``ap50``, the mask AP at IoU 0.5 of up to 200 frames, each taken as a video.

    They are the first 200 of every k-th frame of the dataset; the same for every network and iteration.
    """
    frames = list(_chosen(held_out))
    truths = [objects for frame in frames for objects in frame_truths(frame)]
    categories = category_of_class(classes, held_out.categories)

    def found(predictor: Any, frame: Video) -> FrameObjects:
        (instances,) = predict_video(predictor, frame)
        known = [answer for answer in answers(frame, instances) if answer.label in categories]
        return FrameObjects(
            [categories[answer.label] for answer in known],
            [answer.rle for answer in known],
            scores=[answer.score for answer in known],
        )

    def validate(task: nn.Module) -> dict[str, float]:
        predictor = host.predictor(task.network, settings, device)
        return {"ap50": mask_ap50(truths, [found(predictor, frame) for frame in frames])}

    return validate


def _chosen(dataset: Dataset) -> Iterator[Video]:
    """Videos of one frame."""
    videos = list(dataset)
    places = [(video, t) for video in videos for t in range(len(video))]
    for video, t in places[:: max(1, len(places) // FRAMES)][:FRAMES]:
        yield video.select([t])
