"""Motion on somebody's own clip: a folder of frames and one of masks, as any annotation tool writes them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from instmove import masks
from instmove.datasets.frames import image_size, open_png
from instmove.datasets.labels import PASCAL, Labels, write_ids
from instmove.errors import InstMoveError
from instmove.files import atomic_path
from instmove.metrics.samples import LEAST_HISTORY, LONGEST_HISTORY
from instmove.motion.base import MotionModel, Tracklet
from instmove.video import Image, read_image

FRAME_KINDS = (".jpg", ".jpeg", ".png")
TINT = 0.5
"""How strongly an overlay shows the masks."""


@dataclass(frozen=True)
class OwnClip:
    """Frames in the order of their names, and the masks of those that have any."""

    frames: tuple[Path, ...]
    masks: dict[int, Path]

    @classmethod
    def of(cls, frames: Path, labels: Path) -> "OwnClip":
        """The images in a folder, and the PNGs of the same names in another; none at all is an error."""
        found = tuple(sorted(path for path in frames.glob("*") if path.suffix.lower() in FRAME_KINDS))
        if not found:
            raise InstMoveError(f"{frames}: no frames in it; expected JPEG or PNG files")
        named = {t: labels / f"{path.stem}.png" for t, path in enumerate(found)}
        there = {t: path for t, path in named.items() if path.is_file()}
        if not there:
            raise InstMoveError(f"{labels}: no masks for these frames; expected PNGs such as {named[0].name}")
        return cls(found, there)

    def image(self, frame: int) -> Image:
        """A frame as RGB."""
        return read_image(self.frames[frame])

    def labels(self, frame: int) -> Labels | None:
        """Object ids (height, width) of a frame, 0 being background; None where it has no mask."""
        path = self.masks.get(frame)
        if path is None:
            return None
        image = open_png(path)
        if image.mode not in ("P", "L"):
            raise InstMoveError(f"{path}: PNG of mode {image.mode}, expected one byte a pixel holding object ids")
        size = image_size(self.frames[frame])
        if (image.height, image.width) != size:
            raise InstMoveError(f"{path}: mask is {image.height}x{image.width}, its frame is {size[0]}x{size[1]}")
        return np.asarray(image, dtype=np.uint8)


def predict_clip(model: MotionModel, clip: OwnClip) -> Iterator[tuple[int, Labels]]:
    """For each frame the ids of where every object is predicted, from its masks in the frames before.

    An object needs two earlier masks; at most the last four are used. Frames without any prediction are left out.
    Where predictions overlap, the more probable one stands.
    """
    history: dict[int, list[tuple[int, masks.BoolArray]]] = {}
    for frame in range(len(clip.frames)):
        past = {number: seen for number, seen in history.items() if len(seen) >= LEAST_HISTORY}
        if past:
            tracklets = [_tracklet(seen) for seen in past.values()]
            yield frame, _labels(model.predict(tracklets, model.scene(frame, clip.image)), list(past))
        labels = clip.labels(frame)
        for number in [] if labels is None else np.unique(labels[labels > 0]).tolist():
            seen = history.setdefault(number, [])
            seen.append((frame, labels == number))
            del seen[:-LONGEST_HISTORY]


def _tracklet(seen: Sequence[tuple[int, masks.BoolArray]]) -> Tracklet:
    return Tracklet(np.stack([mask for _, mask in seen]), tuple(frame for frame, _ in seen))


def _labels(probabilities: NDArray[np.float32], ids: Sequence[int]) -> Labels:
    """Ids (height, width) from probabilities (K, height, width)."""
    best = np.array(ids, dtype=np.uint8)[probabilities.argmax(axis=0)]
    return np.where(probabilities.max(axis=0) > 0.5, best, np.uint8(0))


def write_prediction(folder: Path, clip: OwnClip, frame: int, labels: Labels) -> None:
    """Write ``masks/<frame>.png`` (object ids, coloured by a palette) and ``overlay/<frame>.png`` (on the frame)."""
    from PIL import Image as Pillow

    name = f"{clip.frames[frame].stem}.png"
    write_ids(folder / "masks" / name, labels, PASCAL)
    image = clip.image(frame)
    tinted = ((1 - TINT) * image + TINT * PASCAL[labels]).round().astype(np.uint8)
    with atomic_path(folder / "overlay" / name) as temporary:
        Pillow.fromarray(np.where(labels[..., None] > 0, tinted, image)).save(temporary)
