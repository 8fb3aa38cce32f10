"""Scoring a folder of results: what the workflow does with its own, and ``instmove score-vos`` with anybody's."""

from collections.abc import Iterator
from pathlib import Path

from instmove.config import Setup, data_root
from instmove.datasets.catalog import open_dataset
from instmove.datasets.vos_results import read_result
from instmove.datasets.ytvos import UNNAMED
from instmove.errors import InstMoveError
from instmove.metrics.vos import ObjectScores, Protocol, score_sequence, scored_frames
from instmove.video import Dataset


def score_folder(folder: Path, dataset: Dataset, protocol: Protocol) -> Iterator[ObjectScores]:
    """J and F of the objects of a dataset from ``folder/<video>/<frame>.png``; only scored frames are read."""
    _require_truth(dataset)
    for video in dataset:
        objects = video.objects
        bare = [track.id for track in objects if dataset.categories.get(track.category) == UNNAMED]
        if bare and protocol == "ytvos":
            what = f"{video.name}: object {bare[0]} has no category in meta.json"
            raise InstMoveError(f"{what}, so whether training has seen it is unknown; score a split that names it")
        judged = [scored_frames(track.visible(), len(video), protocol) for track in objects]
        found = read_result(folder, video, sorted({frame for frames in judged for frame in frames}))
        yield from score_sequence(video, found, protocol)


def _require_truth(dataset: Dataset) -> None:
    """Some object has a mask after its first: where none has, first masks are what is given, not the truth."""
    tracks = (track for video in dataset for track in video.tracks or () if not track.ignored)
    if not any(len(track.visible()) > 1 for track in tracks):
        what = f"{dataset.name}: no object has a mask after its first frame, the truth of later frames is withheld"
        raise InstMoveError(f"{what}; send the results to the benchmark's server, which scores them")


def seen_in_training(setup: Setup, split: str, held_out: Dataset) -> frozenset[int]:
    """The held-out dataset's categories that the split's training dataset has too; they agree in their names.

    Objects without a category are of none, whatever training has.
    """
    name = setup["splits"][split]["dataset"]
    known = set(open_dataset(name, setup["datasets"][name], data_root(setup)).categories.values())
    return frozenset(number for number, category in held_out.categories.items() if category in known - {UNNAMED})
