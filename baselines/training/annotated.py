"""The annotated frames of several datasets as one training set: classes by name, objects numbered through."""

from collections.abc import Sequence
from dataclasses import dataclass

from instmove.datasets.classes import class_of_category
from instmove.video import Dataset, Track, Video


@dataclass(frozen=True)
class AnnotatedObject:
    """A track with what a network is told of it."""

    track: Track
    label: int
    """Index of its class."""
    number: int
    """Its running number in the training set, from 1."""


@dataclass(frozen=True)
class AnnotatedVideo:
    """A video, its objects and the frames in which there is one."""

    video: Video
    objects: tuple[AnnotatedObject, ...]
    frames: tuple[int, ...]


def annotated_videos(datasets: Sequence[Dataset], classes: Sequence[str]) -> list[AnnotatedVideo]:
    """The videos that have an object; ignored tracks are no objects. A withheld ground truth is an error."""
    found: list[AnnotatedVideo] = []
    number = 0
    for dataset in datasets:
        labels = class_of_category(classes, dataset.categories)
        for video in dataset:
            objects = tuple(
                AnnotatedObject(track, labels[track.category], number + k)
                for k, track in enumerate(video.objects, start=1)
            )
            number += len(objects)
            frames = tuple(sorted({frame for track in video.objects for frame in track.visible()}))
            if frames:
                found.append(AnnotatedVideo(video, objects, frames))
    return found
