"""DAVIS 2017 and 2016: a folder of frames and one of label PNGs for each sequence, image sets as text files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from instmove.datasets.frames import (
    FrameNames,
    clip_size,
    image_size,
    list_files,
    list_folders,
    list_frames,
    require_frames,
    write_jpegs,
)
from instmove.datasets.labels import (
    PASCAL,
    VOID,
    Labels,
    paint,
    read_binary,
    read_ids,
    split_ids,
    write_binary,
    write_ids,
)
from instmove.errors import InstMoveError
from instmove.files import write_text
from instmove.video import Clip, Dataset, Track, Video

CATEGORIES = {1: "object"}
FRAMES = FrameNames("%05d.jpg")
RESOLUTION = "480p"
MaskValues = Literal["ids", "binary"]


def open_davis(
    name: str, root: Path, split: str | None = None, mask_values: MaskValues = "ids", frames: str = RESOLUTION
) -> Dataset:
    """Open ``root/{JPEGImages,Annotations}/<frames>``; without ``split`` all sequences, else those of its image set.

    ``mask_values``: "ids" (DAVIS 2017: object ids, 255 is void and becomes an ignored track) or "binary" (DAVIS 2016:
    255 is the one object). Image sets are ``ImageSets/{2017,2016}/<split>.txt``.
    """
    images = root / "JPEGImages" / frames
    present = list_folders(images)
    names = present
    if split is not None:
        source = image_set_path(root, split, mask_values)
        names = _image_set(source)
        missing = sorted(set(names) - set(present))
        if missing:
            raise InstMoveError(f"{source}: sequence {missing[0]} ({len(missing)} in all) is not in {images}")
    first_only = split is None or split.startswith("test-")
    reader = DavisReader(images, root / "Annotations" / frames, mask_values, names, first_only)
    return Dataset(name, dict(CATEGORIES), names, reader.load)


def image_set_path(root: Path, split: str, mask_values: MaskValues = "ids") -> Path:
    """Where a split's sequence names are listed."""
    return root / "ImageSets" / ("2017" if mask_values == "ids" else "2016") / f"{split}.txt"


def _image_set(path: Path) -> tuple[str, ...]:
    if not path.is_file():
        raise InstMoveError(f"{path}: image set not found; leave out 'split' to use all sequences")
    names = tuple(path.read_text(encoding="utf-8").split())
    if not names:
        raise InstMoveError(f"{path}: lists no sequence")
    return names


@dataclass(frozen=True)
class DavisReader:
    """Loads sequences from their frames and label PNGs."""

    images: Path
    annotations: Path
    mask_values: MaskValues
    names: tuple[str, ...]
    first_only: bool
    """Whether a sequence may have its first frame's labels alone, as in test-dev."""

    def load(self, name: str) -> Video:
        """Load one sequence with the labels of all frames, or of the first; its id is its place, from 1."""
        frames = list_frames(self.images / name)
        height, width = image_size(frames[0])
        labels = {}
        for t, frame in enumerate(self._annotated(name, frames)):
            labels[t] = self._read(frame, height, width)
        tracks = tuple(
            Track(number, 1, rles, ignored=number == VOID) for number, rles in split_ids(labels, len(frames)).items()
        )
        return Video(self.names.index(name) + 1, name, height, width, frames, tracks)

    def _annotated(self, name: str, frames: Sequence[Path]) -> list[Path]:
        folder = self.annotations / name
        given = [path.stem for path in list_files(folder, "*.png")]
        require_frames(given, frames, folder)
        labelled = frames[:1] if self.first_only and len(given) == 1 else frames
        return [folder / f"{frame.stem}.png" for frame in labelled]

    def _read(self, path: Path, height: int, width: int) -> Labels:
        if self.mask_values == "binary":
            return read_binary(path, height, width)
        return read_ids(path, height, width, if_binary="0/255 masks need mask_values: binary")


def write_clip(root: Path, clip: Clip, mask_values: MaskValues = "ids") -> None:
    """Write ``{JPEGImages,Annotations}/480p/<clip.name>/%05d.{jpg,png}``; ignored tracks become void.

    Track ids are 1 to 254, and masks of a frame do not overlap (else ValueError). Independent of every other clip.
    """
    names = FRAMES(len(clip.images))
    write_jpegs(root / "JPEGImages" / RESOLUTION / clip.name, clip, names)
    height, width = clip_size(clip)
    for t, name in enumerate(names):
        path = root / "Annotations" / RESOLUTION / clip.name / name.replace(".jpg", ".png")
        labels = paint(clip.tracks, t, height, width)
        if mask_values == "ids":
            write_ids(path, labels, PASCAL)
        else:
            write_binary(path, labels > 0)


def write_image_set(root: Path, split: str, names: Sequence[str]) -> None:
    """Write ``ImageSets/2017/<split>.txt``: one sequence name a line."""
    write_text(image_set_path(root, split), "".join(f"{name}\n" for name in names))
