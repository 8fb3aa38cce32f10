"""The instances of one video in one file, written and read a frame at a time.

The file is a zip archive. Frame t has these members under its number (``00012/``):

- ``scores.npy``, ``boxes.npy``, ``embeddings.npy``: float32, exactly as the network gave them, not compressed;
- a ``.npy`` of the same kind for each of the instances' ``extras``;
- ``masks.npy``: bits at the network's mask resolution, ``numpy.packbits`` along the rows, deflated;
- ``rles.json``: ``size``, [height, width] of the frame, ``grid``, [height, width] of the bits, ``counts``, the
  compressed COCO strings of the masks at the size of the frame, and ``extras``, the names of those; deflated.

The archive's comment is the stamp of the cache that the file belongs to (see ``baselines.cache``). Equal instances
are equal bytes.
"""

import io
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, overload
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import numpy as np
from numpy.typing import NDArray

from baselines.interface import Instances
from instmove.errors import InstMoveError
from instmove.files import ZIP_DAMAGE, ZIP_EPOCH, atomic_path
from instmove.masks import Rle

LEVEL = 1
"""Of deflate: half the time of the usual level 6 for files that are a few per cent larger."""
FLOATS = ("scores", "boxes", "embeddings")


class BrokenVideoError(InstMoveError):
    """A file that is not what was written for the cache that it lies in."""


def write_video(path: Path, frames: Iterable[Instances], stamp: str) -> int:
    """Write the frames as they come and give their number; a crash leaves the old file or none."""
    count = 0
    with atomic_path(path) as temporary, ZipFile(temporary, "w") as archive:
        archive.comment = stamp.encode()
        for count, instances in enumerate(frames, start=1):
            _require_numbers(instances, f"{path.stem}, frame {count - 1}")
            for name, data, compression in _members(instances):
                archive.writestr(ZipInfo(f"{count - 1:05}/{name}", ZIP_EPOCH), data, compression, LEVEL)
    return count


def _require_numbers(instances: Instances, where: str) -> None:
    """A network that has gone astray gives no numbers, which trackers would take for no objects."""
    for name in FLOATS:
        if not np.isfinite(getattr(instances, name)).all():
            raise InstMoveError(f"{where}: the network's {name} are not finite; check its weights, or amp: false")


def _members(instances: Instances) -> Iterator[tuple[str, bytes, int]]:
    for name in FLOATS:
        yield f"{name}.npy", _npy(getattr(instances, name)), ZIP_STORED
    for name, rows in instances.extras.items():
        yield f"{name}.npy", _npy(rows), ZIP_STORED
    yield "masks.npy", _npy(np.packbits(instances.masks, axis=-1)), ZIP_DEFLATED
    described = {
        "size": instances.rles[0]["size"] if instances.rles else None,
        "grid": instances.masks.shape[1:],
        "counts": [rle["counts"] for rle in instances.rles],
        "extras": list(instances.extras),
    }
    yield "rles.json", json.dumps(described).encode(), ZIP_DEFLATED


def _npy(array: NDArray[Any]) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.ascontiguousarray(array), allow_pickle=False)
    return buffer.getvalue()


def is_whole(path: Path, stamp: str, frames: int) -> bool:
    """Whether the file has this stamp and so many frames, every byte of them as it was written."""
    try:
        with ZipFile(path) as archive:
            return archive.comment == stamp.encode() and _frames(archive) == frames and archive.testzip() is None
    except ZIP_DAMAGE:
        return False


def _frames(archive: ZipFile) -> int:
    return len({name.partition("/")[0] for name in archive.namelist()})


class CachedVideo(Sequence[Instances]):
    """The frames of a file that :func:`write_video` wrote, each read when it is asked for; close it after use.

    Whatever is wrong with the file is a :class:`BrokenVideoError` that names it.
    """

    def __init__(self, path: Path, stamp: str) -> None:
        self.path = path
        try:
            self._archive = ZipFile(path)
        except ZIP_DAMAGE as error:
            raise self._broken(error) from None
        self._count = _frames(self._archive)
        if self._archive.comment != stamp.encode():
            self._archive.close()
            raise BrokenVideoError(f"{path}: of another run than the index beside it")

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, frame: int) -> Instances: ...
    @overload
    def __getitem__(self, frame: slice) -> list[Instances]: ...
    def __getitem__(self, frame: int | slice) -> Instances | list[Instances]:
        """The instances of a frame, or of some."""
        numbers = range(len(self))[frame]
        return self._read(numbers) if isinstance(numbers, int) else [self._read(number) for number in numbers]

    def _read(self, frame: int) -> Instances:
        try:
            scores, boxes, embeddings, bits = (self._array(frame, name) for name in (*FLOATS, "masks"))
            described = json.loads(self._archive.read(f"{frame:05}/rles.json"))
            extras = {name: self._array(frame, name) for name in described["extras"]}
        except ZIP_DAMAGE as error:
            raise self._broken(error) from None
        masks = np.unpackbits(bits, axis=-1, count=described["grid"][1]).view(np.bool_)
        rles = tuple(Rle(size=list(described["size"]), counts=counts) for counts in described["counts"])
        return Instances(scores, boxes, embeddings, masks, rles, extras)

    def _array(self, frame: int, name: str) -> NDArray[Any]:
        return np.load(io.BytesIO(self._archive.read(f"{frame:05}/{name}.npy")), allow_pickle=False)

    def _broken(self, error: Exception) -> BrokenVideoError:
        return BrokenVideoError(f"{self.path}: broken ({error})")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive.close()


class ChosenFrames(Sequence[Instances]):
    """Some frames of a video, each read when it is asked for."""

    def __init__(self, frames: Sequence[Instances], positions: Sequence[int]) -> None:
        self._frames, self._positions = frames, positions

    def __len__(self) -> int:
        return len(self._positions)

    @overload
    def __getitem__(self, frame: int) -> Instances: ...
    @overload
    def __getitem__(self, frame: slice) -> list[Instances]: ...
    def __getitem__(self, frame: int | slice) -> Instances | list[Instances]:
        """The instances of a frame, or of some."""
        chosen = self._positions[frame]
        return self._frames[chosen] if isinstance(chosen, int) else [self._frames[position] for position in chosen]
