"""Where each world's clips go on disk, and in which benchmark's layout."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from instmove.datasets import bdd100k, davis, ytvis, ytvos
from instmove.datasets.synthetic.clips import LOOK_IDS
from instmove.datasets.synthetic.names import OVIS, YTVIS_2021
from instmove.video import Clip, Dataset

LOOK_NAMES = {number: name for name, number in LOOK_IDS.items()}


@dataclass(frozen=True)
class Layout:
    """How one world is written below its dataset's folder.

    ``write(root, clip)`` writes one clip and returns what ``finish(root, [(name, returned), ...])`` needs to write the
    files that are about all of them; ``open(root)`` reads the world back.
    """

    folder: str
    write: Callable[[Path, Clip], Any]
    finish: Callable[[Path, Sequence[tuple[str, Any]]], None]
    open: Callable[[Path], Dataset]


def _ytvis(folder: str, annotations: str, images: str, names: dict[int, str], frames: ytvis.FrameNames) -> Layout:
    return Layout(
        folder,
        lambda root, clip: ytvis.write_clip_frames(root / images, clip, frames),
        lambda root, records: ytvis.write_annotations(root / annotations, [header for _, header in records], names),
        lambda root: ytvis.open_ytvis(folder, root / annotations, root / images),
    )


def _bdd100k(split: str) -> Layout:
    return Layout(
        "bdd100k",
        lambda root, clip: bdd100k.write_clip(root, split, clip),
        lambda root, records: None,
        lambda root: bdd100k.open_bdd100k("bdd100k", root, split),
    )


def _davis(split: str) -> Layout:
    return Layout(
        "DAVIS",
        davis.write_clip,
        lambda root, records: davis.write_image_set(root, split, [name for name, _ in records]),
        lambda root: davis.open_davis("davis", root, split),
    )


def _ytvos(split: str, with_truth: bool) -> Layout:
    """``with_truth``: ``<split>`` has only first appearances, as on the server, and ``<split>_all`` everything."""
    whole = f"{split}_all" if with_truth else split

    def write(root: Path, clip: Clip) -> dict[str, Any]:
        entries = {whole: ytvos.write_clip(root, whole, clip, LOOK_NAMES, False)}
        if with_truth:
            entries[split] = ytvos.write_clip(root, split, clip, LOOK_NAMES, True)
        return entries

    def finish(root: Path, records: Sequence[tuple[str, Any]]) -> None:
        for part in {whole, split}:
            ytvos.write_meta(root, part, {name: entries[part] for name, entries in records})

    return Layout("YouTube", write, finish, lambda root: ytvos.open_ytvos("ytvos", root, whole))


LAYOUTS: dict[str, Layout] = {
    "ovis_train": _ytvis("ovis", "annotations_train.json", "train", OVIS, ytvis.OVIS_FRAMES),
    "ovis_valid": _ytvis("ovis", "annotations_valid.json", "valid", OVIS, ytvis.OVIS_FRAMES),
    "ytvis21_train": _ytvis("ytvis_2021", "train.json", "train/JPEGImages", YTVIS_2021, ytvis.YTVIS_FRAMES),
    "ytvis_long_valid": _ytvis("ytvis_2022", "valid_long.json", "valid/JPEGImages", YTVIS_2021, ytvis.YTVIS_FRAMES),
    "bdd_train": _bdd100k("train"),
    "bdd_val": _bdd100k("val"),
    "davis_train": _davis("train"),
    "davis_val": _davis("val"),
    "ytvos_train": _ytvos("train", False),
    "ytvos_valid": _ytvos("valid", True),
}
"""The paths are those of ``datasets`` in config/mini.yaml."""
