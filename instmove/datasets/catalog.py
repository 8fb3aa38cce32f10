"""Opening a dataset by its entry in the setup: a format, paths below the data root, and which videos to keep."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from instmove.datasets.bdd100k import open_bdd100k
from instmove.datasets.davis import RESOLUTION, open_davis
from instmove.datasets.index import VideoIndex, open_index
from instmove.datasets.ytvis import open_ytvis
from instmove.datasets.ytvos import open_ytvos
from instmove.errors import InstMoveError
from instmove.video import Dataset

Entry = Mapping[str, Any]
"""``format`` and that format's keys (see the openers below); all paths are relative to the data root."""


def open_dataset(name: str, entry: Entry, data_root: Path) -> Dataset:
    """Open the dataset that a catalog entry describes; no frame and no mask is read yet.

    ``videos`` (a file of names) and ``exclude_annotations`` (a JSON whose videos are left out: the long videos of
    YouTube-VIS 2022 are those that the 2021 file lacks) choose among the videos.
    """
    if not data_root.is_dir():
        raise InstMoveError(f"{data_root}: data root not found; set data_root to the folder that holds the datasets")
    if entry["format"] not in OPENERS:
        raise InstMoveError(f"datasets.{name}.format: {entry['format']!r} is not one of {', '.join(OPENERS)}")
    dataset = OPENERS[entry["format"]](name, entry, data_root)
    if not dataset.names:
        source = data_root / str(entry.get("annotations", entry.get("root")))
        raise InstMoveError(f"{source}: no video of {name} in it; check data_root")
    if "videos" in entry:
        path = data_root / entry["videos"]
        dataset = only(dataset, read_names(path), str(path))
    if "exclude_annotations" in entry:
        dataset = _without(dataset, open_index(data_root / entry["exclude_annotations"]), entry)
    return dataset


def _without(dataset: Dataset, other: VideoIndex, entry: Entry) -> Dataset:
    """The dataset without the videos of another file."""
    known = set(other.names)
    left = tuple(name for name in dataset.names if name not in known)
    if not left:
        shared = f"has all {len(dataset)} videos of {entry.get('annotations', entry.get('root'))}"
        raise InstMoveError(f"{other.source}: {shared}, none is left for {dataset.name}; put the right file at each")
    note = f"of its {len(dataset)} videos, {len(dataset) - len(left)} are in {other.source}"
    return replace(dataset, names=left, note=note)


def only(dataset: Dataset, names: Iterable[str], where: str) -> Dataset:
    """The dataset with these videos alone, in its own order; ``where`` is who asked for them."""
    wanted = set(names)
    unknown = sorted(wanted - set(dataset.names))
    if unknown:
        raise InstMoveError(f"{where}: video {unknown[0]} ({len(unknown)} in all) is not in dataset {dataset.name}")
    if not wanted:
        raise InstMoveError(f"{where}: leaves no video of dataset {dataset.name}")
    return replace(dataset, names=tuple(name for name in dataset.names if name in wanted))


def read_names(path: Path) -> tuple[str, ...]:
    """Names from a text file, one a line; blank lines are left out."""
    if not path.is_file():
        raise InstMoveError(f"{path}: list of videos not found")
    return tuple(path.read_text(encoding="utf-8").split())


def _ytvis(name: str, entry: Entry, data_root: Path) -> Dataset:
    return open_ytvis(name, data_root / entry["annotations"], data_root / entry["images"])


def _bdd100k(name: str, entry: Entry, data_root: Path) -> Dataset:
    return open_bdd100k(name, data_root / entry["root"], entry["split"], entry.get("labels", "bitmasks"))


def _davis(name: str, entry: Entry, data_root: Path) -> Dataset:
    frames = entry.get("frames", RESOLUTION)
    return open_davis(name, data_root / entry["root"], entry.get("split"), entry.get("mask_values", "ids"), frames)


def _ytvos(name: str, entry: Entry, data_root: Path) -> Dataset:
    return open_ytvos(name, data_root / entry["root"], entry["split"])


OPENERS: dict[str, Callable[[str, Entry, Path], Dataset]] = {
    "ytvis": _ytvis,
    "bdd100k": _bdd100k,
    "davis": _davis,
    "ytvos": _ytvos,
}
