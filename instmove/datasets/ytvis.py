"""YouTube-VIS 2021 and 2022 and OVIS: folders of frames and one JSON for all annotations."""

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pycocotools import mask as coco

from instmove import masks
from instmove.datasets.frames import FrameNames, clip_size, write_jpegs
from instmove.datasets.index import VideoIndex, open_index
from instmove.errors import InstMoveError
from instmove.files import atomic_path
from instmove.masks import Rle
from instmove.video import Clip, Dataset, Track, Video

YTVIS_FRAMES = FrameNames("%05d.jpg", first=0, step=5)
OVIS_FRAMES = FrameNames("img_%07d.jpg", first=1, step=1)


def open_ytvis(name: str, annotations: Path, images: Path) -> Dataset:
    """Open a dataset of this layout; ``images`` holds the folders that ``file_names`` begin with.

    The JSON is indexed on first use (see :func:`instmove.datasets.index.open_index`).
    """
    if not images.is_dir():
        raise InstMoveError(f"{images}: image folder not found; check the data root")
    index = open_index(annotations)
    return Dataset(name, index.categories, index.names, YtvisReader(index, images).load)


@dataclass(frozen=True)
class YtvisReader:
    """Loads videos through the index of their JSON."""

    index: VideoIndex
    images: Path

    def load(self, name: str) -> Video:
        """Load one video; a broken annotation is an error that names it."""
        video, annotations = self.index.read(name)
        tracks = None if self.index.withheld else tuple(self._track(video, record) for record in annotations)
        frames = tuple(self.images / file for file in video["file_names"])
        return Video(video["id"], name, video["height"], video["width"], frames, tracks)

    def _track(self, video: Mapping[str, Any], record: Mapping[str, Any]) -> Track:
        where = f"{self.index.source}: annotation {record['id']}"
        if record["category_id"] not in self.index.categories:
            raise InstMoveError(f"{where}: category {record['category_id']} is not in 'categories'")
        if len(record["segmentations"]) != len(video["file_names"]):
            found = f"{len(record['segmentations'])} masks for {len(video['file_names'])} frames"
            raise InstMoveError(f"{where}: {found} of video {video['id']}; is this JSON made for other frames?")
        rles = tuple(
            read_segmentation(segmentation, video["height"], video["width"], f"{where}, frame {frame}")
            for frame, segmentation in enumerate(record["segmentations"])
        )
        return Track(record["id"], record["category_id"], rles, ignored=bool(record["iscrowd"]))


def read_segmentation(segmentation: Any, height: int, width: int, where: str) -> Rle | None:
    """A mask as the JSON has it (compressed or listed run lengths, polygons, nothing) as a checked RLE or None."""
    if not segmentation:
        return None
    try:
        if isinstance(segmentation, list):
            parts = coco.frPyObjects([_polygon(part) for part in segmentation], height, width)
            return {"size": [height, width], "counts": coco.merge(parts)["counts"].decode("ascii")}
        if isinstance(segmentation["counts"], list):
            return _compressed(segmentation, height, width, where)
        given: Rle = {"size": list(segmentation["size"]), "counts": str(segmentation["counts"])}
    except (KeyError, TypeError, ValueError):
        raise InstMoveError(f"{where}: mask is neither a run-length encoding nor polygons") from None
    return masks.check(given, height, width, where)


def _polygon(part: Sequence[float]) -> list[float]:
    if len(part) < 6 or len(part) % 2:
        raise ValueError("a polygon has at least three points")
    return [float(number) for number in part]


def _compressed(rle: Mapping[str, Any], height: int, width: int, where: str) -> Rle:
    """Compress listed run lengths; they are checked first because pycocotools does not."""
    runs = [int(run) for run in rle["counts"]]
    if list(rle["size"]) != [height, width]:
        raise InstMoveError(f"{where}: mask of size {list(rle['size'])} in a frame of [{height}, {width}]")
    if min(runs, default=0) < 0 or sum(runs) != height * width:
        raise InstMoveError(f"{where}: broken RLE, its runs cover {sum(runs)} of {height * width} pixels")
    packed = coco.frPyObjects({"size": [height, width], "counts": runs}, height, width)
    return {"size": [height, width], "counts": packed["counts"].decode("ascii")}


@dataclass(frozen=True)
class ClipHeader:
    """What the JSON says of one video: everything of a :class:`Clip` but its images (small, picklable)."""

    name: str
    height: int
    width: int
    file_names: tuple[str, ...]
    """Relative to the image root: ``<name>/<frame>.jpg``."""
    tracks: tuple[Track, ...]


def write_clip_frames(images_root: Path, clip: Clip, frames: FrameNames = YTVIS_FRAMES) -> ClipHeader:
    """Write ``images_root/<clip.name>/*.jpg``; independent of every other clip, so a pool of processes may call it."""
    names = frames(len(clip.images))
    write_jpegs(images_root / clip.name, clip, names)
    height, width = clip_size(clip)
    return ClipHeader(clip.name, height, width, tuple(f"{clip.name}/{name}" for name in names), clip.tracks)


def write_annotations(
    path: Path, headers: Sequence[ClipHeader], categories: Mapping[int, str], withheld: bool = False
) -> None:
    """Write the JSON; video ids are 1, 2, ... in order, annotation ids 1, 2, ... over the whole file.

    ``withheld`` writes ``annotations: null``, as the validation files whose truth stays on a server. Annotation ids
    start at 1 because the official evaluation takes 0 for "no match" (ytvoseval.py:324,404).
    """
    numbers = itertools.count(1)
    records = (
        (
            _video_record(header, video_id),
            [_annotation(header, track, next(numbers), video_id) for track in header.tracks],
        )
        for video_id, header in enumerate(headers, start=1)
    )
    _write_records(path, records, categories, withheld)


def write_videos(path: Path, videos: Iterable[Video], categories: Mapping[int, str], withheld: bool = False) -> None:
    """Write loaded videos (a split, say) as a JSON of this layout; ids of videos and annotations and RLEs are kept."""
    _write_records(path, (_records_of(video) for video in videos), categories, withheld)


def _records_of(video: Video) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    files = tuple(f"{video.name}/{frame.name}" for frame in video.frames)
    header = ClipHeader(video.name, video.height, video.width, files, video.tracks or ())
    return _video_record(header, video.id), [_annotation(header, track, track.id, video.id) for track in header.tracks]


def _write_records(
    path: Path,
    records: Iterable[tuple[dict[str, Any], list[dict[str, Any]]]],
    categories: Mapping[int, str],
    withheld: bool,
) -> None:
    """Stream (video, its annotations) into the JSON; only the video records are held in memory."""
    listed = [{"id": number, "name": name, "supercategory": "object"} for number, name in sorted(categories.items())]
    videos = []
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as handle:
        handle.write('{"info": {"description": "written by instmove"}, "licenses": [], "annotations": ')
        handle.write("null" if withheld else "[")
        separator = "\n"
        for video, annotations in records:
            videos.append(video)
            for annotation in () if withheld else annotations:
                handle.write(separator + json.dumps(annotation))
                separator = ",\n"
        handle.write("" if withheld else "]")
        handle.write(f',\n"categories": {json.dumps(listed)},\n"videos": {json.dumps(videos)}}}\n')


def _video_record(header: ClipHeader, video_id: int) -> dict[str, Any]:
    return {
        "id": video_id,
        "width": header.width,
        "height": header.height,
        "length": len(header.file_names),
        "file_names": list(header.file_names),
        "license": 1,
        "date_captured": "",
        "coco_url": "",
        "flickr_url": "",
    }


def _annotation(header: ClipHeader, track: Track, number: int, video_id: int) -> dict[str, Any]:
    return {
        "id": number,
        "video_id": video_id,
        "category_id": track.category,
        "iscrowd": int(track.ignored),
        "width": header.width,
        "height": header.height,
        "length": len(header.file_names),
        "segmentations": list(track.masks),
        "areas": [None if rle is None else masks.area(rle) for rle in track.masks],
        "bboxes": [None if rle is None else list(masks.box_of_rle(rle)) for rle in track.masks],
    }
