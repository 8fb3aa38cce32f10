"""A split in its benchmark's own format, so that other people's code can use it."""

from pathlib import Path

from instmove.datasets import bdd100k, ytvis, ytvos
from instmove.datasets.split_reader import apply_split
from instmove.datasets.splits import Split
from instmove.errors import InstMoveError
from instmove.files import write_json, write_text
from instmove.video import Dataset


def write_derived_annotations(dataset: Dataset, split: Split, layout: str, path: Path) -> None:
    """Write ``split`` of ``dataset`` in the format of ``layout`` (a catalog entry's ``format``); ids and RLEs are kept.

    ytvis: a JSON; bdd100k: a folder with the RLE JSON of each video; davis: an image set; ytvos: a meta.json. An image
    set can only name whole sequences: a split of some frames or tracks is an error there.
    """
    cut = apply_split(dataset, split)
    if layout == "ytvis":
        withheld = cut.load(cut.names[0]).tracks is None
        ytvis.write_videos(path, cut, cut.categories, withheld)
    elif layout == "bdd100k":
        for video in cut:
            names = [frame.name for frame in video.frames]
            bdd100k.write_rles(path / f"{video.name}.json", video.name, names, video.tracks or ())
    elif layout == "ytvos":
        write_json(path, {"videos": {video.name: ytvos.describe(video, cut.categories) for video in cut}})
    else:
        _write_image_set(dataset, split, path)


def _write_image_set(dataset: Dataset, split: Split, path: Path) -> None:
    for part in split.videos:
        if part.tracks is not None or len(part.frames) != len(dataset.load(part.name)):
            raise InstMoveError(f"split {split.name}: an image set names whole sequences, but {part.name} is cut")
    write_text(path, "".join(f"{part.name}\n" for part in split.videos))
