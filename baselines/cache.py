"""Per-frame predictions of a network on a benchmark: computed once, read by every motion variant.

A folder with a file a video, ``videos/<name>.zip`` (``baselines.cached_video``), and ``index.json``, written last:

- ``identity``: what the predictions depend on. Readers refuse a cache of another identity than they expect;
- ``classes``: names of the network's classes in the order of their numbers;
- ``videos``: number of frames by name;
- ``sum``: digest of the rest of the index;
- ``stamp``: digest of the format, the identity and the code that predicts. Every video carries it, so that a file
  that an earlier run left is used by a later one if, and only if, it would write the same.

Where a byte is wrong, the reader says so and withdraws the index: the workflow then makes the cache again, which costs
the broken videos alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from baselines.cached_video import BrokenVideoError, CachedVideo, ChosenFrames
from baselines.interface import Instances
from instmove.config import Setup, settings_digest
from instmove.datasets.splits import Split
from instmove.errors import InstMoveError
from instmove.files import digest, read_json, sha256_of_file, write_json

FORMAT = 2


@dataclass(frozen=True)
class CacheIdentity:
    """What predictions depend on, as digests."""

    host: str
    weights: str
    """SHA-256 of the file."""
    settings: str
    """Of the network, the input size and the window (which changes the last digits)."""
    frames: str
    """Of the videos and frames, and of where they come from."""

    def stamp(self, code: str) -> str:
        """What every video of the cache carries; ``code`` is a digest of what computes the predictions."""
        return digest([FORMAT, asdict(self), code])


def cache_identity(setup: Setup, host: str, settings: Mapping[str, Any], weights: Path, split: Split) -> CacheIdentity:
    """The identity of the predictions of a host with these settings and weights on a split."""
    source = setup["datasets"][split.dataset]
    return CacheIdentity(
        host,
        sha256_of_file(weights),
        digest([settings[key] for key in ("network", "input", "window")]),
        digest([settings_digest(setup), source, split.digest]),
    )


def index_path(folder: Path) -> Path:
    """Where the index of a cache lies."""
    return folder / "index.json"


def video_path(folder: Path, name: str) -> Path:
    """Where the predictions of a video lie."""
    return folder / "videos" / f"{name}.zip"


def write_index(
    folder: Path, identity: CacheIdentity, stamp: str, classes: Sequence[str], videos: Mapping[str, int]
) -> None:
    """Declare the cache complete."""
    content = {"identity": asdict(identity), "stamp": stamp, "classes": list(classes), "videos": dict(videos)}
    write_json(index_path(folder), content | {"sum": digest(content)})


@dataclass(frozen=True)
class PredictionCache:
    """A complete cache."""

    folder: Path
    stamp: str
    classes: tuple[str, ...]
    videos: dict[str, int]
    kept: Mapping[str, Sequence[int]] | None = None
    """Positions of the frames to read, by video; None: all of all."""

    @contextmanager
    def video(self, name: str) -> Iterator[Sequence[Instances]]:
        """The frames of a video. A file that is not what the index says is an error and withdraws the index."""
        path = video_path(self.folder, name)
        try:
            with CachedVideo(path, self.stamp) as frames:
                if len(frames) != self.videos[name]:
                    raise BrokenVideoError(f"{path}: {len(frames)} frames, not {self.videos[name]}")
                yield frames if self.kept is None else ChosenFrames(frames, self.kept[name])
        except BrokenVideoError as error:
            index_path(self.folder).unlink(missing_ok=True)
            raise InstMoveError(f"{error}; run the workflow again, which predicts this video anew") from None


def positions_in(part: Split, whole: Split) -> dict[str, tuple[int, ...]]:
    """For every video of a split, where its frames are among those that another split keeps of it.

    So that :func:`open_cache` reads a split from the predictions of a denser one; one that lacks frames is an error.
    """
    found = {video.name: {frame: position for position, frame in enumerate(video.frames)} for video in whole.videos}
    if part.dataset != whole.dataset or any(set(v.frames) - set(found.get(v.name, ())) for v in part.videos):
        raise InstMoveError(f"split {whole.name}: lacks frames of {part.name}; predict those, or a split that has them")
    return {video.name: tuple(found[video.name][frame] for frame in video.frames) for video in part.videos}


def open_cache(
    folder: Path, expected: CacheIdentity, kept: Mapping[str, Sequence[int]] | None = None
) -> PredictionCache:
    """A cache that :func:`write_index` completed; one of another identity is refused.

    Of its videos only the frames at the positions ``kept`` are read, where those are given.
    """
    path = index_path(folder)
    content = _read_index(path)
    found = CacheIdentity(**content["identity"])
    for field in fields(CacheIdentity):
        if getattr(found, field.name) != getattr(expected, field.name):
            values = f"{getattr(found, field.name)}, not {getattr(expected, field.name)}"
            raise InstMoveError(f"{path}: predictions of other {field.name} ({values}); run 'instmove predict' again")
    return PredictionCache(folder, content["stamp"], tuple(content["classes"]), content["videos"], kept)


def _read_index(path: Path) -> dict[str, Any]:
    """What :func:`write_index` wrote; a file that says something else is an error and is withdrawn."""
    if not path.is_file():
        raise InstMoveError(f"{path}: no complete predictions; run the workflow again, which makes them")
    try:
        content: dict[str, Any] = read_json(path)
        if content.pop("sum") != digest(content):
            raise KeyError
    except (InstMoveError, KeyError, TypeError, AttributeError):
        path.unlink(missing_ok=True)
        raise InstMoveError(f"{path}: not an index of predictions; run the workflow again, which makes one") from None
    return content
