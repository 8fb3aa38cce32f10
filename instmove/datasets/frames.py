"""Image files that all layouts share: how frames are numbered, written, listed and measured."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image as Pillow

from instmove.errors import InstMoveError
from instmove.files import atomic_path
from instmove.video import JPEG_TAIL, Clip, lacks_end_of_jpeg

JPEG_QUALITY = 92


@dataclass(frozen=True)
class FrameNames:
    """How a benchmark numbers the frames of a video: ``pattern`` % (first + step * t)."""

    pattern: str
    first: int = 0
    step: int = 1

    def __call__(self, count: int) -> tuple[str, ...]:
        """File names of ``count`` frames."""
        return tuple(self.pattern % (self.first + self.step * t) for t in range(count))


def write_jpegs(folder: Path, clip: Clip, names: Sequence[str]) -> None:
    """Write the clip's images into ``folder`` as JPEG files."""
    import cv2

    for name, image in zip(names, clip.images, strict=True):
        done, data = cv2.imencode(
            ".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
        )
        if not done:
            raise ValueError(f"{clip.name}: OpenCV cannot encode an image of shape {image.shape}")
        with atomic_path(folder / name) as temporary:
            temporary.write_bytes(data.tobytes())


def clip_size(clip: Clip) -> tuple[int, int]:
    """(height, width) of the clip's images."""
    height, width = clip.images[0].shape[:2]
    return height, width


def list_frames(folder: Path, pattern: str = "*.jpg") -> tuple[Path, ...]:
    """The frames in a folder, in the order of their names; none at all is an error."""
    frames = list_files(folder, pattern)
    if not frames:
        problem = f"no {pattern} in it" if folder.is_dir() else "folder not found"
        raise InstMoveError(f"{folder}: {problem}; check the data root")
    return frames


def list_files(folder: Path, pattern: str) -> tuple[Path, ...]:
    """The files in a folder, if any, in the order of their names; those that Finder adds begin with a dot."""
    return tuple(sorted(path for path in folder.glob(pattern) if not path.name.startswith(".")))


def require_frames(stems: Iterable[str], frames: Sequence[Path], source: Path) -> None:
    """Each of these frames (names without suffix), which ``source`` labels, must be among a video's frames."""
    missing = sorted(set(stems) - {frame.stem for frame in frames})
    if missing:
        first = frames[0].with_stem(missing[0])
        raise InstMoveError(
            f"{first}: frame not found ({len(missing)} in all), but it is labelled in {source}; unzip the images again"
        )


def list_folders(root: Path) -> tuple[str, ...]:
    """Names of the folders in ``root``, sorted; a missing root is an error."""
    if not root.is_dir():
        raise InstMoveError(f"{root}: folder not found; check the data root")
    return tuple(sorted(path.name for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")))


def image_size(path: Path) -> tuple[int, int]:
    """(height, width) from an image file's header; nothing is decoded."""
    with _opened(path, "frame") as image:
        return image.height, image.width


def open_png(path: Path) -> Pillow.Image:
    """Open and decode a mask PNG as it is: palette, alpha and all."""
    with _opened(path, "mask") as image:
        image.load()
        return image.copy()


@contextmanager
def _opened(path: Path, kind: str) -> Iterator[Pillow.Image]:
    try:
        with Pillow.open(path) as image:
            yield image
    except FileNotFoundError:
        raise InstMoveError(f"{path}: {kind} not found; check the data root") from None
    except (OSError, SyntaxError, ValueError):  # Pillow's several ways of saying that a file is damaged
        raise InstMoveError(f"{path}: cannot be decoded; copy it again") from None


def check_frame(path: Path, height: int, width: int) -> None:
    """Raise an error unless the file is there, whole and of this size; reads the header and the end only."""
    found = image_size(path)
    if found != (height, width):
        raise InstMoveError(f"{path}: image is {found[0]}x{found[1]}, its annotation says {height}x{width}")
    with path.open("rb") as handle:
        head = handle.read(2)
        handle.seek(max(0, path.stat().st_size - JPEG_TAIL))
        if lacks_end_of_jpeg(head, handle.read()):
            raise InstMoveError(f"{path}: ends in the middle; copy it again")
