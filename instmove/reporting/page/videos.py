"""What the page shows of single videos: filmstrips without and with motion, and how identities fare over time."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from instmove.datasets.labels import split_ids
from instmove.datasets.vos_results import first_given, read_archived
from instmove.files import atomic_path, read_json, write_json
from instmove.metrics import bdd100k_results, ytvis_results
from instmove.metrics.result_files import read_result, submission_path
from instmove.metrics.video_ap import TrackPrediction
from instmove.reporting.cells import shown
from instmove.reporting.identity import HeldTrack, follow, kept, standing, switches
from instmove.reporting.page.strips import draw_strip, write_picture
from instmove.reporting.track_strips import choose_frames
from instmove.reporting.video_gains import gains_of, metric_of, scores_of
from instmove.video import Dataset, Track, Video

INDEX = "videos.json"
Pair = tuple[Path, Path]
"""Metrics files without motion and with it."""
Results = Iterable[tuple[Video, Sequence[TrackPrediction]]]
Predictions = tuple[Sequence[TrackPrediction], Sequence[TrackPrediction]]


def write_videos(dataset: Dataset, hosts: Mapping[str, Pair], folder: Path) -> None:
    """Write ``videos.json`` and the pictures of all videos of a benchmark that have ground truth.

    The folder is replaced as a whole. An entry of the JSON, by host, is a video: those that gained most come first.
    """
    with atomic_path(folder) as temporary:
        temporary.mkdir()
        found = {host: list(_host(dataset, pair, temporary / host)) for host, pair in hosts.items()}
        for entries in found.values():
            entries.sort(key=lambda entry: (-entry["gain"], entry["name"]))
        write_json(temporary / INDEX, found)


def read_videos(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """What :func:`write_videos` wrote of each host, nothing if it has not run."""
    path = folder / INDEX
    return read_json(path) if path.exists() else {}


def _host(dataset: Dataset, pair: Pair, folder: Path) -> Iterator[dict[str, Any]]:
    contents = [read_result(path) for path in pair]
    metric, gains = metric_of(contents[0]), gains_of(contents[1], contents[0])
    scores = [scores_of(content, metric) for content in contents]
    before, after = (READERS[metric](submission_path(path), dataset) for path in pair)
    for number, ((video, first), (_, second)) in enumerate(zip(before, after, strict=True)):
        if video.name in gains:
            values = {"metric": shown(metric), "values": [score[video.name] for score in scores]}
            yield {"gain": gains[video.name], **values, **_video(video, (first, second), folder, number)}


def _tracked(path: Path, dataset: Dataset) -> Results:
    """Tracks of MOTS, which have no score."""
    for video, tracks in bdd100k_results.read_results(path, dataset):
        yield video, [TrackPrediction(track.category, 1.0, track.masks) for track in tracks]


def _segmented(path: Path, dataset: Dataset) -> Results:
    """Objects of VOS, each a track, from the frame on where the first of them is given."""
    for video in dataset:
        frames = range(first_given(video), len(video))
        found = split_ids(read_archived(path, video, frames), len(video))
        yield video, [TrackPrediction(0, 1.0, masks) for masks in found.values()]


READERS: Mapping[str, Callable[[Path, Dataset], Results]] = {
    "AP": ytvis_results.read_results,
    "MOTA": _tracked,
    "j_and_f": _segmented,
}
"""How a result's tracks are read, by the metric of its videos."""


def _video(video: Video, predictions: Predictions, folder: Path, number: int) -> dict[str, Any]:
    """Draw both strips of a video; they show the same frames, those with switches first of all."""
    truths = [track for track in video.tracks or () if not track.ignored]
    followed = [follow(tracks, truths) for tracks in predictions]
    switched = [switches(standing(tracks, len(video))) for tracks in followed]
    marked = [frame for pair in zip_longest(*switched) for each in pair if each is not None for frame in each[:1]]
    frames = choose_frames(len(video), list(dict.fromkeys(marked)))
    _draw(video, followed, truths, frames, [folder / picture for picture in pictures(number)])
    return {
        "name": video.name,
        "number": number,
        "frames": frames,
        "length": len(video),
        "switches": [len(each) for each in switched],
        "kept": [kept(tracks, truths, len(video)) for tracks in followed],
    }


def pictures(number: int) -> tuple[str, str]:
    """File names of the strips of the ``number``-th video, without motion and with it."""
    return f"{number}_without.webp", f"{number}_with.webp"


def _draw(
    video: Video,
    followed: Sequence[list[HeldTrack]],
    truths: Sequence[Track],
    frames: Sequence[int],
    paths: Sequence[Path],
) -> None:
    images = {frame: video.image(frame) for frame in frames}
    for tracks, path in zip(followed, paths, strict=True):
        write_picture(path, draw_strip(video, tracks, truths, images))
