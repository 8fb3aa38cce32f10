"""YouTube-VOS 2019: frames, palette PNGs and a meta.json that names every object's category and frames."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from instmove.datasets.frames import FrameNames, clip_size, image_size, list_frames, require_frames, write_jpegs
from instmove.datasets.labels import VOID, YOUTUBE, paint, read_ids, split_ids, write_ids
from instmove.errors import InstMoveError
from instmove.files import read_json, write_json
from instmove.video import Clip, Dataset, Track, Video

FRAMES = FrameNames("%05d.jpg", step=5)
UNKNOWN, UNNAMED = 0, "unknown"
"""Category of objects that meta.json does not describe (it need not in valid), and its name."""


def open_ytvos(name: str, root: Path, split: str) -> Dataset:
    """Open ``root/<split>`` with its meta.json; categories are numbered from 1 in the order of their names."""
    meta = _videos(root / split / "meta.json")
    if not (root / split / "JPEGImages").is_dir():
        raise InstMoveError(f"{root / split / 'JPEGImages'}: folder not found; check the data root")
    categories = {UNKNOWN: UNNAMED} | dict(enumerate(sorted(_category_names(meta)), start=1))
    reader = YtvosReader(root / split, meta, {name: number for number, name in categories.items()})
    return Dataset(name, categories, tuple(sorted(meta)), reader.load)


def _videos(path: Path) -> dict[str, Any]:
    meta = read_json(path)
    videos = meta.get("videos") if isinstance(meta, dict) else None
    if not isinstance(videos, dict):
        raise InstMoveError(f"{path}: expected 'videos' with 'objects' each; is it YouTube-VOS's meta.json?")
    for name, video in videos.items():
        objects = video.get("objects") if isinstance(video, dict) else None
        if not isinstance(objects, dict):
            raise InstMoveError(
                f"{path}: expected 'videos' with 'objects' each, not video {name}; is it YouTube-VOS's?"
            )
        for number, described in objects.items():
            if not _is_object(described):
                raise InstMoveError(f"{path}: object {number} of video {name} is not described as in YouTube-VOS")
    return videos


def _is_object(described: Any) -> bool:
    """Whether an object has, if any, a category by name and frames by name."""
    if not isinstance(described, dict) or not isinstance(described.get("category", ""), str):
        return False
    frames = described.get("frames") or []
    return isinstance(frames, list) and all(isinstance(frame, str) for frame in frames)


def _category_names(videos: Mapping[str, Any]) -> set[str]:
    return {
        thing["category"] for video in videos.values() for thing in video["objects"].values() if "category" in thing
    }


@dataclass(frozen=True)
class YtvosReader:
    """Loads videos from their frames, label PNGs and meta.json."""

    root: Path
    meta: Mapping[str, Any]
    numbers: Mapping[str, int]

    def load(self, name: str) -> Video:
        """Load one video; frames without a PNG have no masks (in valid only first appearances have one)."""
        frames = list_frames(self.root / "JPEGImages" / name)
        height, width = image_size(frames[0])
        paths = list_frames(self.root / "Annotations" / name, "*.png")
        self._require_files(name, frames, paths)
        place = {frame.stem: t for t, frame in enumerate(frames)}
        labels = {place[path.stem]: read_ids(path, height, width) for path in paths}
        masks = split_ids(labels, len(frames))
        self._require_all(name, masks)
        tracks = tuple(
            Track(number, self._category(name, number), rles, ignored=number == VOID) for number, rles in masks.items()
        )
        return Video(sorted(self.meta).index(name) + 1, name, height, width, frames, tracks)

    def _require_files(self, name: str, frames: Sequence[Path], labels: Sequence[Path]) -> None:
        """Every frame that has a PNG or is listed in meta.json must be there; in train each of the latter has a PNG."""
        require_frames((path.stem for path in labels), frames, labels[0].parent)
        meta = self.root / "meta.json"
        listed = {stem for described in self.meta[name]["objects"].values() for stem in described.get("frames") or ()}
        require_frames(listed, frames, meta)
        missing = sorted(listed - {path.stem for path in labels})
        if self.root.name == "train" and missing:
            first = labels[0].with_stem(missing[0])
            raise InstMoveError(
                f"{first}: mask not found ({len(missing)} in all), but {meta} has it; unzip the masks again"
            )

    def _require_all(self, name: str, masks: Mapping[int, object]) -> None:
        """Every object that meta.json sees in a frame must have a mask."""
        for number, described in self.meta[name]["objects"].items():
            if described.get("frames") and int(number) not in masks:
                folder = self.root / "Annotations" / name
                raise InstMoveError(f"{folder}: object {number} of meta.json never appears; copy the masks again")

    def _category(self, video: str, number: int) -> int:
        described = self.meta[video]["objects"].get(str(number), {})
        return self.numbers[described.get("category", UNNAMED)]


def write_clip(
    root: Path, split: str, clip: Clip, categories: Mapping[int, str], first_frames_only: bool
) -> dict[str, Any]:
    """Write ``<split>/{JPEGImages,Annotations}/<clip.name>/%05d.{jpg,png}`` (frame numbers step by 5).

    With ``first_frames_only`` only PNGs in which an object appears for the first time are written, with the pixels of
    just those objects, as in ``valid``; a clip without objects gets empty ones. Returns the clip's entry of meta.json
    for :func:`write_meta`. Track ids are 1 to 254, and masks of a frame do not overlap (else ValueError). Independent
    of every other clip.
    """
    names = FRAMES(len(clip.images))
    write_jpegs(root / split / "JPEGImages" / clip.name, clip, names)
    height, width = clip_size(clip)
    first = {track.id: min(track.visible(), default=-1) for track in clip.tracks}
    for t, name in enumerate(names):
        shown = [track for track in clip.tracks if not first_frames_only or first[track.id] == t]
        if shown or not clip.tracks:
            path = root / split / "Annotations" / clip.name / name.replace(".jpg", ".png")
            write_ids(path, paint(shown, t, height, width), YOUTUBE)
    stems = [name.removesuffix(".jpg") for name in names]
    return _entry(clip.tracks, stems, categories, to_the_end=first_frames_only)


def describe(video: Video, categories: Mapping[int, str]) -> dict[str, Any]:
    """A loaded video's entry of meta.json: its objects with the frames that they are seen in."""
    return _entry(video.tracks or (), [frame.stem for frame in video.frames], categories, to_the_end=False)


def _entry(
    tracks: Sequence[Track], stems: Sequence[str], categories: Mapping[int, str], to_the_end: bool
) -> dict[str, Any]:
    """Objects with their frames: those with pixels or, where they are to be predicted, all from the first on."""
    objects = {}
    for track in tracks:
        seen = track.visible()
        frames = range(seen[0], len(stems)) if to_the_end and seen else seen
        kind = {} if track.category == UNKNOWN else {"category": categories[track.category]}
        objects[str(track.id)] = {**kind, "frames": [stems[t] for t in frames]}
    return {"objects": objects}


def write_meta(root: Path, split: str, entries: Mapping[str, dict[str, Any]]) -> None:
    """Write ``<split>/meta.json`` from the entries that :func:`write_clip` returned, by clip name."""
    write_json(root / split / "meta.json", {"videos": dict(entries)})
