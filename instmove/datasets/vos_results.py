"""Results of video object segmentation: ``<folder>/<video>/<frame>.png``, a pixel's value being its object's id.

The layout of the DAVIS evaluation and, zipped below ``Annotations/``, of the YouTube-VOS server.
"""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import numpy as np
from PIL import Image as Pillow

from instmove.datasets.frames import open_png
from instmove.datasets.labels import Labels, split_ids
from instmove.errors import InstMoveError
from instmove.files import ZIP_EPOCH, atomic_path
from instmove.masks import Rle
from instmove.video import Video


def result_path(folder: Path, video: Video, frame: int) -> Path:
    """Where the ids of one frame are."""
    return folder / video.name / f"{video.frames[frame].stem}.png"


def read_result(folder: Path, video: Video, frames: Iterable[int]) -> dict[int, tuple[Rle | None, ...]]:
    """Masks by object id from the PNGs of these frames; a frame that was not asked for holds no mask.

    Any palette will do, as for the official readers (davis2017/results.py:11-31). A missing frame, another size or
    mode, and an id that the video has no object for are errors that name the file.
    """
    known = {track.id for track in video.tracks or ()}
    labels = {}
    for frame in frames:
        path = result_path(folder, video, frame)
        labels[frame] = _read(path, video)
        unknown = sorted({int(number) for number in np.unique(labels[frame])} - known - {0})
        if unknown:
            raise InstMoveError(f"{path}: object {unknown[0]} is not one of {video.name}'s ({_listed(known)})")
    return split_ids(labels, len(video)) if labels else {}


def _read(path: Path, video: Video) -> Labels:
    if not path.is_file():
        raise InstMoveError(f"{path}: this frame is missing from the results; run the method on the whole video")
    image = open_png(path)
    if image.mode not in ("P", "L"):
        raise InstMoveError(f"{path}: PNG of mode {image.mode}, expected one byte a pixel (P or L) holding object ids")
    if (image.height, image.width) != (video.height, video.width):
        size = f"{image.height}x{image.width}"
        raise InstMoveError(f"{path}: result is {size}, its frame is {video.height}x{video.width}; scale it back")
    return np.asarray(image, dtype=np.uint8)


def _listed(ids: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(ids))) or "none"


def first_given(video: Video) -> int:
    """The first frame that shows an object, from which on there are results; the video's length if none does."""
    visible = [track.visible() for track in video.tracks or () if not track.ignored]
    return min((frames[0] for frames in visible if len(frames)), default=len(video))


def read_archived(path: Path, video: Video, frames: Iterable[int]) -> dict[int, Labels]:
    """The object ids (height, width) of these frames from an archive that :func:`write_archive` wrote."""
    if not path.is_file():
        raise InstMoveError(f"{path}: results not found; segment the benchmark again")
    found = {}
    with ZipFile(path) as archive:
        for frame in frames:
            with archive.open(f"Annotations/{video.name}/{video.frames[frame].stem}.png") as handle:
                found[frame] = np.asarray(Pillow.open(handle), dtype=np.uint8)
    return found


@contextmanager
def begun_folder(output: Path, stamp: str) -> Iterator[Path]:
    """The folder for the results behind ``output`` while they are made; it is gone after the block.

    After an error what is in it stays, and a later run of the same ``stamp`` finds it. What runs of other stamps had
    left is removed: their videos are not those that this one would make.
    """
    folder = output.with_name(f".{output.stem}.{stamp}.masks")
    for other in output.parent.glob(f".{escape(output.stem)}.*.masks"):
        if other != folder:
            shutil.rmtree(other)
    try:
        yield folder
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        with suppress(OSError):  # not empty: there are videos to go on from
            folder.rmdir()


def write_archive(folder: Path, target: Path) -> None:
    """Zip a folder of results as the YouTube-VOS server takes it: ``Annotations/<video>/<frame>.png``."""
    with atomic_path(target) as temporary, ZipFile(temporary, "w", ZIP_STORED) as archive:
        for path in sorted(folder.glob("[!.]*/*.png")):
            name = f"Annotations/{path.relative_to(folder).as_posix()}"
            archive.writestr(ZipInfo(name, ZIP_EPOCH), path.read_bytes())
