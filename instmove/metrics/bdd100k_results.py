"""Results of multi-object tracking and segmentation as BDD100K exchanges them: bitmask PNGs, or RLEs in JSON.

Bitmasks are ``<video>/<frame>.png``, RLEs Scalabel frames, ``<video>.json`` here; each in a folder, or zipped for the
server. bdd100k@9ac17c6 bdd100k/eval/run.py:246-284 tells them apart by the endings of the files.
"""

import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

import numpy as np
from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from instmove.datasets.bdd100k import (
    CATEGORIES,
    CROWD,
    IGNORED,
    MAX_ID,
    Sighting,
    bitmask_instances,
    join_sightings,
    paint,
    scalabel_frames,
    sighting,
)
from instmove.errors import InstMoveError
from instmove.files import ZIP_EPOCH, atomic_path
from instmove.metrics.mots import require_disjoint, seen_in
from instmove.video import Dataset, Track, Video

Results = Iterable[tuple[Video, Sequence[Track]]]
Files = Mapping[str, Callable[[], bytes]]
"""Contents by name, ``/`` between folders."""


def write_archive(path: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Zip files, which may come one at a time, for the server; equal files are equal bytes."""
    with atomic_path(path) as temporary, ZipFile(temporary, "w") as archive:
        for name, data in files:
            archive.writestr(ZipInfo(name, ZIP_EPOCH), data, ZIP_DEFLATED)


def write_folder(path: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Write files below a folder that appears when all of them are there."""
    with atomic_path(path) as folder:
        for name, data in files:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)


def rle_files(results: Results) -> Iterator[tuple[str, bytes]]:
    """Name and content of each video's JSON."""
    for video, tracks in results:
        _require_fit(video, tracks)
        frames = scalabel_frames(video.name, [frame.name for frame in video.frames], tracks)
        yield f"{video.name}.json", json.dumps(frames, sort_keys=True).encode()


def bitmask_files(results: Results) -> Iterator[tuple[str, bytes]]:
    """Name and content of each frame's PNG."""
    for video, tracks in results:
        _require_fit(video, tracks)
        for t, frame in enumerate(video.frames):
            buffer = io.BytesIO()
            Pillow.fromarray(paint(tracks, t, video.height, video.width)).save(buffer, "PNG")
            yield f"{video.name}/{frame.stem}.png", buffer.getvalue()


def _require_fit(video: Video, tracks: Sequence[Track]) -> None:
    """Raise an error for what a bitmask cannot hold."""
    for track in tracks:
        if not 0 < track.id <= MAX_ID:
            raise InstMoveError(f"{video.name}: track {track.id}: ids of a result are 1 to {MAX_ID}; number them anew")
        if track.category not in CATEGORIES:
            known = f"one of BDD100K's eight (1 to {len(CATEGORIES)})"
            raise InstMoveError(f"{video.name}: track {track.id}: category {track.category} is not {known}")
    for t in range(len(video)):
        require_disjoint(seen_in(tracks, t), f"{video.name}, frame {video.frames[t].name}")


def read_results(path: Path, dataset: Dataset) -> Iterator[tuple[Video, tuple[Track, ...]]]:
    """Each video of the dataset with its tracks, from a folder, an archive or a JSON file.

    What does not fit (an unknown video, a missing or an unknown frame, an unknown category, an id that is not 1 to
    65535, overlapping masks) is an error that names it. Objects with the bits of crowds or ignored regions are left
    out, as officially (bdd100k/eval/mots.py:37-103).
    """
    files = _files(path)
    endings = {PurePosixPath(name).suffix for name in files}
    if endings not in ({".png"}, {".json"}):
        found = ", ".join(sorted(endings)) or "nothing"
        raise InstMoveError(f"{path}: holds {found}; a result is bitmasks (.png) or RLEs (.json) alone")
    frames = _pngs(files) if endings == {".png"} else _jsons(path, files)
    read = _bitmask if endings == {".png"} else _labels
    for name in frames:
        if name not in dataset.names:
            raise InstMoveError(f"{path}: video {name} is not in {dataset.name}; is this result of another benchmark?")
    for video in dataset:
        yield video, _tracks(path, video, frames.get(video.name, {}), read)


def _files(path: Path) -> Files:
    if path.is_dir():
        return {p.relative_to(path).as_posix(): p.read_bytes for p in sorted(path.rglob("*")) if p.is_file()}
    if path.suffix == ".json" and path.is_file():
        return {path.name: path.read_bytes}
    try:
        archive = ZipFile(path)
        names = [info.filename for info in archive.infolist() if not info.is_dir()]
        return {name: lambda name=name: archive.read(name) for name in names}  # type: ignore[misc]
    except (OSError, BadZipFile) as error:
        raise InstMoveError(f"{path}: neither a folder nor an archive nor a JSON file ({error})") from None


Frames = dict[str, dict[str, Any]]
"""What there is of each frame (by its stem) of each video (by name)."""


def _pngs(files: Files) -> Frames:
    frames: Frames = defaultdict(dict)
    for name, read in files.items():
        frames[PurePosixPath(name).parent.name][PurePosixPath(name).stem] = read
    return frames


def _jsons(path: Path, files: Files) -> Frames:
    frames: Frames = defaultdict(dict)
    for name, read in files.items():
        try:
            content = json.loads(read())
            for frame in content["frames"] if isinstance(content, dict) else content:
                video = frame.get("videoName") or PurePosixPath(name).stem
                frames[video][PurePosixPath(frame["name"]).stem] = frame.get("labels") or []
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InstMoveError(f"{path}: {name}: not a Scalabel list of frames ({error!r})") from None
    return frames


Reader = Callable[[Any, int, Video, str], Iterator[Sighting]]


def _tracks(path: Path, video: Video, frames: Mapping[str, Any], read: Reader) -> tuple[Track, ...]:
    stems = [frame.stem for frame in video.frames]
    for stem in frames:
        if stem not in stems:
            raise InstMoveError(f"{path}: {video.name} has no frame {stem}; is this result of another benchmark?")
    sightings: list[Sighting] = []
    for t, stem in enumerate(stems):
        if stem not in frames:
            raise InstMoveError(f"{path}: frame {stem} of video {video.name} is missing; run the method on all frames")
        sightings += read(frames[stem], t, video, f"{path}: {video.name}, frame {stem}")
    kept = [seen for seen in sightings if not seen.ignored]
    tracks = join_sightings(kept, len(video), f"{path}: {video.name}")
    for t in range(len(video)):
        require_disjoint(seen_in(tracks, t), f"{path}: {video.name}, frame {stems[t]}")
    return tracks


def _bitmask(read: Callable[[], bytes], frame: int, video: Video, where: str) -> Iterator[Sighting]:
    try:
        image = Pillow.open(io.BytesIO(read()))
        bitmask = np.asarray(image)
    except (OSError, ValueError, UnidentifiedImageError) as error:
        raise InstMoveError(f"{where}: cannot be read ({error}); write it again") from None
    if image.mode != "RGBA" or bitmask.shape[:2] != (video.height, video.width):
        found = f"a PNG of mode {image.mode} and {image.height}x{image.width}"
        raise InstMoveError(f"{where}: {found}; expected a bitmask, RGBA and {video.height}x{video.width}")
    for instance, category, flags, rle in bitmask_instances(bitmask, where):
        yield Sighting(frame, str(instance), category, bool(flags & (IGNORED | CROWD)), rle)


def _labels(labels: Sequence[Mapping[str, Any]], frame: int, video: Video, where: str) -> Iterator[Sighting]:
    for label in labels:
        number = str(label.get("id"))
        if not number.isdecimal() or not 0 < int(number) <= MAX_ID:
            raise InstMoveError(f"{where}: id {number} is not a number from 1 to {MAX_ID}; number the objects anew")
        if label.get("rle"):
            yield sighting(frame, label, video.height, video.width, f"{where}, object {number}")
