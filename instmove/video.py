"""The one in-memory form of every benchmark: videos, the tracks in them, and datasets of videos."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from instmove import masks
from instmove.errors import InstMoveError
from instmove.masks import BoolArray, Rle

Image = NDArray[np.uint8]
"""RGB, shape (height, width, 3)."""


@dataclass(frozen=True)
class Track:
    """One annotated object: a mask, or None where it is not visible, for every frame of its video."""

    id: int
    category: int
    masks: tuple[Rle | None, ...]
    ignored: bool = False
    """A crowd or ignored region: never trained on, never a miss."""
    part_of: int | None = None
    """Where an object's class or flag changes, it is several tracks: the id of the first, for the others."""

    @property
    def object(self) -> int:
        """The id that all tracks of an object share."""
        return self.id if self.part_of is None else self.part_of

    def visible(self) -> list[int]:
        """Indices of the frames in which the object has at least one pixel."""
        return [t for t, rle in enumerate(self.masks) if rle is not None and masks.area(rle) > 0]

    def mask(self, frame: int) -> BoolArray | None:
        """Decoded mask (height, width) in a frame, None where it is not visible."""
        rle = self.masks[frame]
        return None if rle is None else masks.decode(rle)


@dataclass(frozen=True)
class Video:
    """Frames on disk and the tracks in them; ``tracks`` is None where the ground truth is withheld."""

    id: int
    name: str
    height: int
    width: int
    frames: tuple[Path, ...]
    tracks: tuple[Track, ...] | None
    indices: tuple[int, ...] = field(default=())
    """Index of each frame in the full video, for sub-sampled videos; empty means 0, 1, 2, ..."""

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def true_tracks(self) -> tuple[Track, ...]:
        """The tracks, where ground truth is needed."""
        if self.tracks is None:
            raise InstMoveError(f"{self.name}: its ground truth is withheld; use a split whose truth is at hand")
        return self.tracks

    @property
    def objects(self) -> list[Track]:
        """The tracks that are objects to be found: crowds and ignored regions are none."""
        return [track for track in self.true_tracks if not track.ignored]

    def image(self, frame: int) -> Image:
        """Read a frame as RGB; it must have the size that the annotations say."""
        image = read_image(self.frames[frame])
        if image.shape[:2] != (self.height, self.width):
            raise InstMoveError(
                f"{self.frames[frame]}: image is {image.shape[0]}x{image.shape[1]}, "
                f"its annotation says {self.height}x{self.width}"
            )
        return image

    def select(self, frames: Sequence[int]) -> "Video":
        """The same video with these frames only; tracks without a mask in them are dropped."""
        kept: tuple[Track, ...] | None = None
        if self.tracks is not None:
            cut = (replace(track, masks=tuple(track.masks[t] for t in frames)) for track in self.tracks)
            kept = tuple(track for track in cut if track.visible())
        indices = self.indices or tuple(range(len(self.frames)))
        return replace(
            self,
            frames=tuple(self.frames[t] for t in frames),
            indices=tuple(indices[t] for t in frames),
            tracks=kept,
        )


@dataclass(frozen=True)
class Clip:
    """A video held in memory, as the writers of ``instmove.datasets`` take it."""

    name: str
    images: Sequence[Image]
    tracks: tuple[Track, ...]


@dataclass(frozen=True)
class Dataset:
    """Named videos, loaded one at a time."""

    name: str
    categories: dict[int, str]
    names: tuple[str, ...]
    load: Callable[[str], Video]
    note: str = ""
    """How the videos were chosen, for messages about their number."""

    def __len__(self) -> int:
        return len(self.names)

    def __iter__(self) -> Iterator[Video]:
        return (self.load(name) for name in self.names)

    @property
    def withheld(self) -> bool:
        """Whether there is no ground truth, as in OVIS's and YouTube-VIS's validation parts; the first video tells."""
        return next(iter(self)).tracks is None


JPEG_TAIL = 4096
"""Bytes at a JPEG's end in which its end marker is looked for; some writers pad behind it."""


def lacks_end_of_jpeg(head: bytes, tail: bytes) -> bool:
    """Whether a file that begins and ends with these bytes is a JPEG cut short.

    OpenCV fills the missing rows of such a file with grey and says nothing.
    """
    return head.startswith(b"\xff\xd8") and b"\xff\xd9" not in tail


def read_image(path: Path) -> Image:
    """Read an image file as RGB uint8; missing or broken files are errors that name them."""
    import cv2

    if not path.is_file():
        raise InstMoveError(f"{path}: frame not found; check the data root")
    data = path.read_bytes()
    image = None
    if data and not lacks_end_of_jpeg(data[:2], data[-JPEG_TAIL:]):
        as_stored = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION  # masks are of the pixels as they lie in the file
        image = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), as_stored)
    if image is None:
        raise InstMoveError(f"{path}: cannot be decoded; copy it again")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)
