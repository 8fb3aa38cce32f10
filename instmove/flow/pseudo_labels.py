"""A teacher's flow on a training split, kept on disk to fine-tune from (Sec. 4.3).

The labels of a split are one uncompressed ``.npz`` file. Its array ``VIDEO/FRAME`` is the flow from that frame of the
split's video back to the frame before it: float16 (h, w, 2), x then y, in pixels of a grid whose longest side is
``longest``. Its member ``about.json`` holds ``format``, ``longest``, ``iterations`` and ``seed``.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import numpy as np
from numpy.lib.npyio import NpzFile
from tqdm import tqdm

from instmove.errors import InstMoveError
from instmove.files import atomic_path
from instmove.flow.raft import Raft
from instmove.flow.samples import FlowSample
from instmove.flow.warp import flow_between, scale_image
from instmove.video import Dataset, Video

FORMAT = 1
ABOUT = "about.json"


@dataclass(frozen=True, order=True)
class Pair:
    """Frame ``frame`` >= 1 of a video, looked at together with the frame before it."""

    video: str
    frame: int

    @property
    def name(self) -> str:
        """Name of the pair's array."""
        return f"{self.video}/{self.frame}"

    @classmethod
    def parse(cls, name: str) -> "Pair":
        """The inverse of ``name``."""
        video, _, frame = name.rpartition("/")
        return cls(video, int(frame))


def choose_pairs(videos: Iterable[Video], count: int | None, seed: int) -> list[Pair]:
    """All adjacent pairs of a split, or ``count`` drawn from them, sorted; the order of the videos does not matter."""
    pairs = sorted(Pair(video.name, t) for video in videos for t in range(1, len(video)))
    if count is None or count >= len(pairs):
        return pairs
    chosen = np.random.default_rng(seed).choice(len(pairs), count, replace=False)
    return [pairs[i] for i in sorted(chosen)]


def write_pseudo_labels(
    path: Path, teacher: Raft, dataset: Dataset, count: int | None, seed: int, longest: int, iterations: int
) -> None:
    """Label ``count`` adjacent pairs (None: all) of a split with the teacher's flow on the clean frames.

    ``longest`` and ``iterations`` as in :func:`instmove.flow.warp.flow_between`. The file appears when it is whole.
    """
    pairs = choose_pairs(dataset, count, seed)
    if not pairs:
        raise InstMoveError(f"split '{dataset.name}': no video has two frames to compute flow between")
    load = lru_cache(maxsize=1)(dataset.load)
    with atomic_path(path) as partial, ZipFile(partial, "w") as archive:
        about = {"format": FORMAT, "longest": longest, "iterations": iterations, "seed": seed}
        archive.open(ABOUT, "w").write(json.dumps(about, sort_keys=True).encode())
        for pair in tqdm(pairs, desc="flow", disable=None):
            video, t = load(pair.video), pair.frame
            flow = flow_between(teacher, video.image(t), video.image(t - 1), longest, iterations)
            with archive.open(f"{pair.name}.npy", "w") as member:
                np.lib.format.write_array(member, flow[0].permute(1, 2, 0).cpu().numpy().astype(np.float16))


class PseudoLabels:
    """The labelled pairs of a file with their images: frame t, frame t-1 and the flow from t to t-1."""

    def __init__(self, path: Path, dataset: Dataset) -> None:
        self.path, archive = Path(path), _open(Path(path), os.getpid())
        about = json.loads(bytes(archive[ABOUT])) if ABOUT in archive else {}
        if about.get("format") != FORMAT:
            raise InstMoveError(f"{path}: labels of format {about.get('format')}, not {FORMAT}; label the split again")
        self.longest = int(about["longest"])
        self.pairs = [Pair.parse(name) for name in archive.files if name != ABOUT]
        names = sorted({pair.video for pair in self.pairs})
        unknown = sorted(set(names) - set(dataset.names))
        if unknown:
            raise InstMoveError(f"{path}: videos {unknown} are not in split '{dataset.name}'; label the split again")
        self.videos = {name: dataset.load(name) for name in names}

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, index: int) -> FlowSample:
        pair = self.pairs[index]
        video, t = self.videos[pair.video], pair.frame
        flow = _open(self.path, os.getpid())[pair.name].astype(np.float32)
        image1, image2 = (scale_image(video.image(frame), self.longest) for frame in (t, t - 1))
        return FlowSample(image1, image2, flow, np.ones(flow.shape[:2], dtype=np.bool_))


@lru_cache(maxsize=2)
def _open(path: Path, process: int) -> NpzFile:
    """The labels' archive, opened once a process: forked loader processes must not share a file position."""
    try:
        archive: Any = np.load(path)
    except FileNotFoundError:
        raise InstMoveError(f"{path}: file not found; label the split first") from None
    except (BadZipFile, ValueError) as error:
        raise InstMoveError(f"{path}: not an .npz file ({error}); label the split again") from None
    return archive
