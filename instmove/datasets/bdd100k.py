"""BDD100K MOTS (seg_track_20): frames, bitmask PNGs and the RLE JSON of each video.

The same truth ships twice; ``labels`` chooses which is read. Class and flags belong to an object *in a frame*; an
object whose class or crowd/ignored flag changes becomes several tracks, as the official metric sees it
(bdd100k/eval/mots.py:37-103 works class by class and frame by frame).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow

from instmove import masks
from instmove.datasets.frames import (
    FrameNames,
    clip_size,
    image_size,
    list_files,
    list_folders,
    list_frames,
    open_png,
    require_frames,
    write_jpegs,
)
from instmove.errors import InstMoveError
from instmove.files import atomic_path, read_json, write_json
from instmove.masks import Rle
from instmove.video import Clip, Dataset, Track, Video

CATEGORIES = {
    1: "pedestrian",
    2: "rider",
    3: "car",
    4: "truck",
    5: "bus",
    6: "train",
    7: "motorcycle",
    8: "bicycle",
}
"""Ids must equal the order of bdd100k/configs/seg_track.toml."""
SYNONYMS = {"bike": "bicycle", "caravan": "car", "motor": "motorcycle", "person": "pedestrian", "van": "car"}
"""Must equal name_mapping of bdd100k/configs/seg_track.toml (applied in label/to_scalabel.py:14-63)."""
IGNORED_AS = {"other person": "pedestrian", "other vehicle": "car", "trailer": "truck"}
"""Must equal ignored_mapping of the same file: these become ignored objects of another class."""
IGNORED, CROWD = 1, 2
"""Bits of a bitmask's green channel; occluded is 4, truncated 8 (bdd100k/label/to_mask.py:108-129)."""
MAX_ID = 65535
Labels = Literal["bitmasks", "rles"]
Bitmask = NDArray[np.uint8]
"""RGBA (height, width, 4): class, flags, then the instance id in two bytes, high first."""


class Sighting(NamedTuple):
    """One object in one frame."""

    frame: int
    instance: str
    category: int
    ignored: bool
    rle: Rle


def open_bdd100k(name: str, root: Path, split: str, labels: Labels = "bitmasks") -> Dataset:
    """Open ``root/{images,labels}/seg_track_20``; without a label folder for the split the truth is withheld."""
    images = root / "images" / "seg_track_20" / split
    annotations = root / "labels" / "seg_track_20" / labels / split
    names = list_folders(images)
    truth = annotations if annotations.is_dir() else None
    if truth is None and split != "test":
        raise InstMoveError(f"{annotations}: label folder not found; check the data root and 'labels'")
    if truth is not None:
        _require_videos(truth, labels, images, names)
    return Dataset(name, dict(CATEGORIES), names, Bdd100kReader(images, truth, labels, names).load)


def _require_videos(annotations: Path, labels: Labels, images: Path, names: Sequence[str]) -> None:
    """Every video that has labels must have a folder of frames, too."""
    if labels == "bitmasks":
        labelled = list_folders(annotations)
    else:
        labelled = tuple(path.stem for path in list_files(annotations, "*.json"))
    missing = sorted(set(labelled) - set(names))
    if missing:
        first = f"{images / missing[0]}: folder of frames not found ({len(missing)} in all)"
        raise InstMoveError(f"{first}, but it is labelled in {annotations}; unzip the images again")


@dataclass(frozen=True)
class Bdd100kReader:
    """Loads videos from their frames and one of the two forms of their labels."""

    images: Path
    annotations: Path | None
    labels: Labels
    names: tuple[str, ...]

    def load(self, name: str) -> Video:
        """Load one video; its id is its place among the names, from 1."""
        frames = list_frames(self.images / name)
        height, width = image_size(frames[0])
        tracks = None
        if self.annotations is not None:
            read, suffix = (_from_bitmasks, "") if self.labels == "bitmasks" else (_from_json, ".json")
            source = self.annotations / f"{name}{suffix}"
            tracks = join_sightings(list(read(source, frames, height, width)), len(frames), str(source))
        return Video(self.names.index(name) + 1, name, height, width, frames, tracks)


def join_sightings(sightings: Sequence[Sighting], length: int, where: str) -> tuple[Track, ...]:
    """Join sightings of the same object, class and flag; the first of an object's tracks keeps its id.

    An object that occurs twice in a frame is an error that names ``where``.
    """
    _require_once(sightings, where)
    joined: dict[tuple[str, int, bool], list[Rle | None]] = defaultdict(lambda: [None] * length)
    for seen in sightings:
        joined[seen.instance, seen.category, seen.ignored][seen.frame] = seen.rle
    numbers = {instance: int(instance) for instance, _, _ in joined if instance.isdecimal()}
    free = iter(range(max(numbers.values(), default=0) + 1, 1 << 62))
    first: dict[str, int] = {}
    tracks = []
    for (instance, category, ignored), rles in joined.items():
        number = next(free) if instance in first or instance not in numbers else numbers[instance]
        tracks.append(Track(number, category, tuple(rles), ignored, part_of=first.get(instance)))
        first.setdefault(instance, number)
    return tuple(sorted(tracks, key=lambda track: track.id))


def _require_once(sightings: Sequence[Sighting], where: str) -> None:
    found: set[tuple[int, str]] = set()
    for seen in sightings:
        if (seen.frame, seen.instance) in found:
            raise InstMoveError(f"{where}, frame {seen.frame}: object {seen.instance} occurs twice; ids are unique")
        found.add((seen.frame, seen.instance))


def read_bitmask(path: Path) -> Bitmask:
    """Read an RGBA bitmask as it is (no premultiplied alpha)."""
    image = open_png(path)
    if image.mode != "RGBA":
        raise InstMoveError(f"{path}: PNG of mode {image.mode}, a bitmask is RGBA; is this a colormap?")
    return np.asarray(image)


def bitmask_instances(bitmask: Bitmask, where: str) -> Iterator[tuple[int, int, int, Rle]]:
    """(instance id, category, flags, mask) of each object; pixels of instance 0 are background whatever their class.

    Class and flags must be constant over an object's pixels (bdd100k/common/bitmask.py:43-57 asserts it).
    """
    height, width = bitmask.shape[:2]
    kinds, instances = bitmask.reshape(-1, 4).view(">u2").T  # class and flags in one, the two bytes of the id
    instances = instances.astype(np.uint16)
    shown = np.flatnonzero(instances)
    order = shown[np.argsort(instances[shown], kind="stable")]  # a radix sort: one pass for all objects of a frame
    numbers, counts = np.unique(instances[order], return_counts=True)
    for instance, end, count in zip(numbers.tolist(), counts.cumsum(), counts, strict=True):
        pixels = order[end - count : end]
        values = np.unique(kinds[pixels])
        category, flags = divmod(int(values[0]), 256)
        if len(values) > 1 or category not in CATEGORIES:
            found = ", ".join("class {} flags {}".format(*divmod(int(value), 256)) for value in values[:3])
            raise InstMoveError(f"{where}: instance {instance} has {found}; expected one class of 1 to 8 and one flag")
        mask = np.zeros(height * width, dtype=bool)
        mask[pixels] = True
        yield instance, category, flags, masks.encode(mask.reshape(height, width))


def _from_bitmasks(folder: Path, frames: Sequence[Path], height: int, width: int) -> Iterator[Sighting]:
    require_frames((path.stem for path in list_files(folder, "*.png")), frames, folder)
    for t, frame in enumerate(frames):
        path = folder / f"{frame.stem}.png"
        bitmask = read_bitmask(path)
        if bitmask.shape[:2] != (height, width):
            found = f"{bitmask.shape[0]}x{bitmask.shape[1]}"
            raise InstMoveError(f"{path}: mask is {found}, its frame is {height}x{width}; copy the original file")
        for instance, category, flags, rle in bitmask_instances(bitmask, str(path)):
            yield Sighting(t, str(instance), category, bool(flags & (IGNORED | CROWD)), rle)


def _from_json(path: Path, frames: Sequence[Path], height: int, width: int) -> Iterator[Sighting]:
    """Scalabel frames (a list, or under ``frames``), matched to the images by name.

    Some releases write "<video>/<frame>.jpg" as a frame's name: the folder is dropped.
    """
    content = read_json(path)
    try:
        listed = content["frames"] if isinstance(content, dict) else content
        by_name = {PurePosixPath(frame["name"]).name: frame for frame in listed}
        require_frames((PurePosixPath(name).stem for name in by_name), frames, path)
        for t, image in enumerate(frames):
            if image.name not in by_name:
                raise InstMoveError(f"{path}: no entry for frame {image.name}; is the download complete?")
            for label in by_name[image.name].get("labels") or ():
                if label.get("rle"):
                    yield sighting(t, label, height, width, f"{path}: frame {image.name}, object {label['id']}")
    except (KeyError, TypeError, AttributeError) as error:
        raise InstMoveError(f"{path}: not a Scalabel list of frames ({error!r})") from None


def sighting(frame: int, label: Mapping[str, Any], height: int, width: int, where: str) -> Sighting:
    """What a label of a Scalabel frame says; an unknown category or a broken mask is an error that names ``where``."""
    name = SYNONYMS.get(label["category"], label["category"])
    ignored = name in IGNORED_AS
    name = IGNORED_AS.get(name, name)
    number = next((number for number, known in CATEGORIES.items() if known == name), None)
    if number is None:
        raise InstMoveError(f"{where}: unknown category {name!r}")
    attributes = label.get("attributes") or {}
    ignored = ignored or bool(attributes.get("ignored")) or bool(attributes.get("crowd"))
    rle: Rle = {"size": label["rle"]["size"], "counts": label["rle"]["counts"]}
    return Sighting(frame, str(label["id"]), number, ignored, masks.check(rle, height, width, where))


def write_clip(root: Path, split: str, clip: Clip) -> None:
    """Write one clip: images, bitmasks and RLE JSON under ``{images,labels}/seg_track_20``.

    Track ids are 1 to 65535, categories those of ``CATEGORIES``, masks of a frame do not overlap (else ValueError);
    ``Track.ignored`` becomes the attribute ``ignored``. Independent of every other clip.
    """
    if any(not 0 < track.id <= MAX_ID or track.category not in CATEGORIES for track in clip.tracks):
        raise ValueError(f"{clip.name}: a track's id is not 1 to {MAX_ID} or its category not one of BDD100K's")
    names = FrameNames(f"{clip.name}-%07d.jpg", first=1)(len(clip.images))
    write_jpegs(root / "images" / "seg_track_20" / split / clip.name, clip, names)
    height, width = clip_size(clip)
    bitmasks = root / "labels" / "seg_track_20" / "bitmasks" / split / clip.name
    for t, name in enumerate(names):
        with atomic_path(bitmasks / name.replace(".jpg", ".png")) as temporary:
            Pillow.fromarray(paint(clip.tracks, t, height, width)).save(temporary)
    write_rles(root / "labels" / "seg_track_20" / "rles" / split / f"{clip.name}.json", clip.name, names, clip.tracks)


def paint(tracks: Sequence[Track], frame: int, height: int, width: int) -> Bitmask:
    """The bitmask of one frame; ValueError where two tracks overlap."""
    bitmask = np.zeros((height, width, 4), dtype=np.uint8)
    for track in tracks:
        mask = track.mask(frame)
        if mask is None:
            continue
        if bitmask[mask].any():
            raise ValueError(f"track {track.id} overlaps another in frame {frame}")
        bitmask[mask] = (track.category, IGNORED if track.ignored else 0, track.id >> 8, track.id & 255)
    return bitmask


def write_rles(path: Path, video: str, names: Sequence[str], tracks: Sequence[Track]) -> None:
    """Write a video's Scalabel JSON; ``names`` are its frames' file names."""
    write_json(path, scalabel_frames(video, names, tracks), indent=None)


def scalabel_frames(video: str, names: Sequence[str], tracks: Sequence[Track]) -> list[dict[str, Any]]:
    """What a video's Scalabel JSON holds."""
    return [
        {
            "name": name,
            "videoName": video,
            "frameIndex": t,
            "labels": [_label(track, rle) for track in tracks if (rle := track.masks[t]) is not None],
        }
        for t, name in enumerate(names)
    ]


def _label(track: Track, rle: Rle) -> dict[str, Any]:
    flags = {"crowd": False, "ignored": track.ignored, "occluded": False, "truncated": False}
    return {"id": str(track.id), "category": CATEGORIES[track.category], "attributes": flags, "rle": rle}
