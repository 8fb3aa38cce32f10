"""Scoring a folder of results: what the workflow does with its own, and ``instmove score-vos`` with anybody's."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from instmove.config import Setup, data_root
from instmove.datasets.catalog import open_dataset
from instmove.datasets.vos_results import read_result
from instmove.errors import InstMoveError
from instmove.metrics.vos import ObjectScores, Protocol, score_sequence, scored_frames
from instmove.video import Dataset, Video


def score_folder(folder: Path, videos: Iterable[Video], protocol: Protocol) -> Iterator[ObjectScores]:
    """J and F of the objects of these videos from ``folder/<video>/<frame>.png``; only scored frames are read."""
    for video in videos:
        if video.tracks is None:
            raise InstMoveError(f"{video.name}: its ground truth is withheld, it cannot be scored here")
        judged = [scored_frames(track.visible(), len(video), protocol) for track in video.tracks if not track.ignored]
        found = read_result(folder, video, sorted({frame for frames in judged for frame in frames}))
        yield from score_sequence(video, found, protocol)


def seen_in_training(setup: Setup, split: str, held_out: Dataset) -> frozenset[int]:
    """The held-out dataset's categories that the split's training dataset has too; they agree in their names."""
    name = setup["splits"][split]["dataset"]
    known = set(open_dataset(name, setup["datasets"][name], data_root(setup)).categories.values())
    return frozenset(number for number, category in held_out.categories.items() if category in known)
