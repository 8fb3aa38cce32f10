"""Which files and folders a dataset is made of; asked whenever the workflow starts, so nothing is opened."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

Entry = Mapping[str, Any]


def dataset_places(entry: Entry, data_root: Path) -> list[Path]:
    """What must exist below the data root for a catalog entry to be opened (see ``instmove.datasets.catalog``)."""
    shared = [data_root / entry[key] for key in ("videos", "exclude_annotations") if key in entry]
    return [*own_places(entry, data_root), *shared]


def own_places(entry: Entry, data_root: Path) -> list[Path]:
    """Those of them that make the dataset; the others may be there for another one."""
    return [data_root / place for place in PLACES[entry["format"]](entry)]


def frames_folder(entry: Entry, data_root: Path) -> Path:
    """Where every video of a dataset has a folder of frames."""
    if entry["format"] == "ytvis":
        return data_root / str(entry["images"])
    name = {"bdd100k": "images", "davis": "JPEGImages", "ytvos": "JPEGImages"}[entry["format"]]
    return next(place for place in dataset_places(entry, data_root) if name in place.parts)


def _ytvis(entry: Entry) -> list[str]:
    return [entry["annotations"], entry["images"]]


def _bdd100k(entry: Entry) -> list[str]:
    root, split = f"{entry['root']}/{{}}/seg_track_20", entry["split"]
    labels = [] if split == "test" else [f"{root.format('labels')}/{entry.get('labels', 'bitmasks')}/{split}"]
    return [f"{root.format('images')}/{split}", *labels]


def _davis(entry: Entry) -> list[str]:
    root, frames = entry["root"], entry.get("frames", "480p")
    year = "2017" if entry.get("mask_values", "ids") == "ids" else "2016"
    listed = [f"{root}/ImageSets/{year}/{entry['split']}.txt"] if "split" in entry else []
    return [f"{root}/JPEGImages/{frames}", f"{root}/Annotations/{frames}", *listed]


def _ytvos(entry: Entry) -> list[str]:
    return [f"{entry['root']}/{entry['split']}/{part}" for part in ("meta.json", "JPEGImages", "Annotations")]


PLACES = {"ytvis": _ytvis, "bdd100k": _bdd100k, "davis": _davis, "ytvos": _ytvos}
"""By format: paths relative to the data root."""
