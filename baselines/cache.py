"""Per-frame predictions of a network on a benchmark: computed once, read by every motion variant.

A folder with a file a video, ``videos/<name>.zip`` (``baselines.cached_video``), and ``index.json``, written last:

- ``identity``: what the predictions depend on. Readers refuse a cache of another identity than they expect;
- ``classes``: names of the network's classes in the order of their numbers;
- ``videos``: number of frames by name;
- ``stamp``: digest of the format, the identity and the code that predicts. Every video carries it, so that a file
  that an earlier run left is used by a later one if, and only if, it would write the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from baselines.cached_video import CachedVideo
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
    write_json(index_path(folder), content)


@dataclass(frozen=True)
class PredictionCache:
    """A complete cache."""

    folder: Path
    stamp: str
    classes: tuple[str, ...]
    videos: dict[str, int]

    def video(self, name: str) -> CachedVideo:
        """The frames of a video; close them after use. A file that is not what the index says is an error."""
        path = video_path(self.folder, name)
        frames = CachedVideo(path, self.stamp)
        if len(frames) != self.videos[name]:
            raise InstMoveError(f"{path}: {len(frames)} frames, not {self.videos[name]}; run 'instmove predict' again")
        return frames


def open_cache(folder: Path, expected: CacheIdentity) -> PredictionCache:
    """A cache that :func:`write_index` completed; one of another identity is refused."""
    path = index_path(folder)
    content = read_json(path)
    try:
        found, classes = CacheIdentity(**content["identity"]), tuple(content["classes"])
        cache = PredictionCache(folder, content["stamp"], classes, content["videos"])
    except (KeyError, TypeError):
        raise InstMoveError(f"{path}: not an index of predictions; run 'instmove predict' again") from None
    for field in fields(CacheIdentity):
        if getattr(found, field.name) != getattr(expected, field.name):
            values = f"{getattr(found, field.name)}, not {getattr(expected, field.name)}"
            raise InstMoveError(f"{path}: predictions of other {field.name} ({values}); run 'instmove predict' again")
    return cache
