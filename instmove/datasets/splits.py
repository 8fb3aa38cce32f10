"""Splits: which videos, which of their frames and, where needed, which tracks; derived from names alone or lengths."""

import hashlib
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from instmove.errors import InstMoveError
from instmove.files import digest, read_json, write_json
from instmove.video import Dataset

OVIS_VIDEOS, OVIS_SUB_VIDEOS = 607, 122
"""OVIS train, and how many of its videos are OVIS-Sub val (paper, Sec. 4.1)."""


@dataclass(frozen=True)
class SplitVideo:
    """Part of a video: frame indices in the full video and track ids (None: all that are visible in them)."""

    name: str
    frames: tuple[int, ...]
    tracks: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Split:
    """A named choice of videos, sorted by name, so that equal choices are equal files."""

    name: str
    dataset: str
    videos: tuple[SplitVideo, ...]

    @property
    def digest(self) -> str:
        """Identifies the content, whatever it is called."""
        return digest([[video.name, video.frames, video.tracks] for video in self.videos])

    def save(self, path: Path) -> None:
        """Write the split as JSON, for :func:`load_split`."""
        videos = [{"name": video.name, "frames": video.frames, "tracks": video.tracks} for video in self.videos]
        content = {"name": self.name, "dataset": self.dataset, "digest": self.digest, "videos": videos}
        write_json(path, content, indent=None)


def load_split(path: Path) -> Split:
    """Read a split; one that is empty, malformed or not what its digest says is an error."""
    content = read_json(path)
    try:
        videos = [
            SplitVideo(video["name"], tuple(video["frames"]), video["tracks"] and tuple(video["tracks"]))
            for video in content["videos"]
        ]
        name, dataset, recorded = content["name"], content["dataset"], content["digest"]
    except (KeyError, TypeError) as error:
        raise InstMoveError(f"{path}: not a split file ({error!r}); delete it and derive it again") from None
    if not videos:
        raise InstMoveError(f"{path}: an empty split; derive it from a dataset with more videos")
    split = make_split(name, dataset, videos)
    if recorded != split.digest:
        raise InstMoveError(f"{path}: was changed after it was made (digest {recorded}); derive it again")
    return split


def make_split(name: str, dataset: str, videos: Iterable[SplitVideo]) -> Split:
    """Sort and check: a split has videos, each once and with frames."""
    ordered = tuple(sorted(videos, key=lambda video: video.name))
    if not ordered:
        raise InstMoveError(f"split {name}: empty; no video of {dataset} is left")
    for first, second in itertools.pairwise(ordered):
        if first.name == second.name:
            raise InstMoveError(f"split {name}: video {first.name} occurs twice")
    bare = [video.name for video in ordered if not video.frames]
    if bare:
        raise InstMoveError(f"split {name}: video {bare[0]} has no frame")
    return Split(name, dataset, ordered)


def by_hash(names: Iterable[str]) -> list[str]:
    """Names in the order of their SHA-256: a shuffle that depends on nothing but the names."""
    return sorted(names, key=lambda name: (hashlib.sha256(name.encode()).hexdigest(), name))


def derive_ovis_sub(
    names: Sequence[str], validation: Sequence[str] | None = None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """OVIS-Sub (train, val) names: val are the n * 122 / 607 (rounded) with the smallest hash, or those listed.

    The authors' list is not public; DECISIONS: Splits and metrics.
    """
    if validation is None:
        validation = by_hash(names)[: round(len(names) * OVIS_SUB_VIDEOS / OVIS_VIDEOS)]
    unknown = sorted(set(validation) - set(names))
    if unknown:
        raise InstMoveError(f"validation list: video {unknown[0]} ({len(unknown)} in all) is not in the dataset")
    return tuple(sorted(set(names) - set(validation))), tuple(sorted(set(validation)))


def folds(names: Sequence[str], k: int) -> tuple[tuple[str, ...], ...]:
    """``k`` disjoint test sets for cross-validation, sizes differing by at most one; the rest of each trains."""
    if not 2 <= k <= len(names):
        raise InstMoveError(
            f"{k} folds of {len(names)} videos: set folds of the split from 2 to their number, or check data_root"
        )
    ordered = by_hash(names)
    return tuple(tuple(sorted(ordered[fold::k])) for fold in range(k))


def sparse(name: str, dataset: Dataset, names: Iterable[str], stride: int = 1) -> Split:
    """Frames 0, stride, 2 * stride, ... of these videos (Sparse-k, App. B); stride 1 keeps all.

    Tracks without a mask in them go, and so does a video that had tracks and loses them all; one frame is enough.
    """
    if stride < 1:
        raise InstMoveError(f"split {name}: stride {stride} is not a positive number")
    kept = []
    for video in tqdm([*names], desc=name, disable=None):
        full = dataset.load(video)
        frames = tuple(range(0, len(full), stride))
        if not full.tracks or full.select(frames).tracks:
            kept.append(SplitVideo(video, frames))
    return make_split(name, dataset.name, kept)
