"""Results of video instance segmentation as YouTube-VIS and OVIS exchange them: ``results.json``, zipped for a server.

A list of tracks: ``video_id``, ``category_id``, ``score`` and ``segmentations``, one compressed RLE or null a frame.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from instmove import masks
from instmove.errors import InstMoveError
from instmove.files import ZIP_EPOCH, atomic_path, read_json
from instmove.masks import Rle
from instmove.metrics.video_ap import TrackPrediction
from instmove.video import Dataset, Video

MEMBER = "results.json"
Entry = dict[str, Any]


def write_results(path: Path, results: Iterable[tuple[Video, Sequence[TrackPrediction]]]) -> None:
    """Write the archive that the servers take; videos may come one at a time."""
    member = ZipInfo(MEMBER, ZIP_EPOCH)
    member.compress_type = ZIP_DEFLATED
    with atomic_path(path) as temporary, ZipFile(temporary, "w") as archive, archive.open(member, "w") as handle:
        separator = b"[\n"
        for video, predictions in results:
            for prediction in predictions:
                handle.write(separator + json.dumps(_entry(video, prediction), allow_nan=False).encode())
                separator = b",\n"
        handle.write(b"\n]\n" if separator == b",\n" else b"[]\n")


def _entry(video: Video, prediction: TrackPrediction) -> Entry:
    return {
        "video_id": video.id,
        "category_id": prediction.category,
        "score": prediction.score,
        "segmentations": list(prediction.masks),
    }


def read_results(path: Path, dataset: Dataset) -> Iterator[tuple[Video, list[TrackPrediction]]]:
    """Each video of the dataset with its predictions, from a zip or a JSON file; the order of equals is the file's.

    What does not fit the dataset (an unknown video or category, a mask of another size, a wrong number of frames, a
    score that is no number) is an error that names the entry; unknown videos are found once all others are read.
    """
    entries: dict[int, list[tuple[str, Entry]]] = defaultdict(list)
    for number, entry in enumerate(_entries(path)):
        entries[entry["video_id"]].append((f"{path}: entry {number}", entry))
    for video in dataset:
        found = entries.pop(video.id, [])
        yield video, [_prediction(where, entry, video, dataset.categories) for where, entry in found]
    for stray, [(where, _), *_] in entries.items():
        raise InstMoveError(f"{where}: video {stray} is not in {dataset.name}; is this result of another benchmark?")


def _entries(path: Path) -> list[Entry]:
    content = _zipped(path) if path.suffix == ".zip" else read_json(path)
    keys = {"video_id", "category_id", "score", "segmentations"}
    if not isinstance(content, list):
        raise InstMoveError(f"{path}: not a list of results; expected what YouTube-VIS calls {MEMBER}")
    for number, entry in enumerate(content):
        if not isinstance(entry, dict) or not keys <= entry.keys():
            raise InstMoveError(f"{path}: entry {number}: expected an object with {', '.join(sorted(keys))}")
        if not all(type(entry[key]) is int for key in ("video_id", "category_id")):
            raise InstMoveError(f"{path}: entry {number}: video_id and category_id must be whole numbers")
    return content


def _zipped(path: Path) -> Any:
    try:
        with ZipFile(path) as archive:
            return json.loads(archive.read(MEMBER))
    except (OSError, BadZipFile, KeyError, ValueError) as error:
        raise InstMoveError(f"{path}: not an archive with a {MEMBER} in it ({error}); write it again") from None


def _prediction(where: str, entry: Entry, video: Video, categories: Collection[int]) -> TrackPrediction:
    category, score, segmentations = entry["category_id"], entry["score"], entry["segmentations"]
    if category not in categories:
        known = ", ".join(map(str, sorted(categories)))
        raise InstMoveError(f"{where}: category {category} is not one of the dataset's ({known})")
    if not isinstance(score, int | float) or not abs(score) <= sys.float_info.max:
        raise InstMoveError(f"{where}: score {str(score)[:20]} is not a number")
    if not isinstance(segmentations, list) or len(segmentations) != len(video):
        found = len(segmentations) if isinstance(segmentations, list) else "no"
        raise InstMoveError(f"{where}: {found} masks for the {len(video)} frames of video {video.id}")
    read = (_mask(f"{where}, frame {frame}", rle, video) for frame, rle in enumerate(segmentations))
    return TrackPrediction(category, float(score), tuple(read))


def _mask(where: str, rle: Any, video: Video) -> Rle | None:
    if rle is None:
        return None
    if not isinstance(rle, dict) or not isinstance(rle.get("counts"), str) or not isinstance(rle.get("size"), list):
        raise InstMoveError(f"{where}: expected null or a compressed RLE with 'size' and 'counts'")
    return masks.check(Rle(size=rle["size"], counts=rle["counts"]), video.height, video.width, where)
