import pickle
from pathlib import Path
from typing import Any

import pytest
from made_clips import box_clip

from instmove.datasets import bdd100k, davis, ytvis, ytvos
from instmove.datasets.catalog import open_dataset
from instmove.errors import InstMoveError

CATEGORIES = {1: "ape", 2: "bee"}
ENTRIES: dict[str, dict[str, Any]] = {
    "ovis": {"format": "ytvis", "annotations": "ovis/train.json", "images": "ovis/train"},
    "bdd": {"format": "bdd100k", "root": "bdd", "split": "val"},
    "bdd_rles": {"format": "bdd100k", "root": "bdd", "split": "val", "labels": "rles"},
    "davis": {"format": "davis", "root": "davis", "split": "val", "mask_values": "ids", "frames": "480p"},
    "davis_all": {"format": "davis", "root": "davis"},
    "ytvos": {"format": "ytvos", "root": "ytvos", "split": "train"},
}


@pytest.fixture
def data_root(tmp_path: Path) -> Path:
    names = ("a", "b", "c")
    headers = [ytvis.write_clip_frames(tmp_path / "ovis/train", box_clip(name)) for name in names]
    ytvis.write_annotations(tmp_path / "ovis/train.json", headers, CATEGORIES)
    ytvis.write_annotations(tmp_path / "ovis/known.json", headers[:2], CATEGORIES)
    entries = {}
    for name in names:
        bdd100k.write_clip(tmp_path / "bdd", "val", box_clip(name))
        davis.write_clip(tmp_path / "davis", box_clip(name))
        entries[name] = ytvos.write_clip(tmp_path / "ytvos", "train", box_clip(name), CATEGORIES, False)
    davis.write_image_set(tmp_path / "davis", "val", names)
    ytvos.write_meta(tmp_path / "ytvos", "train", entries)
    return tmp_path


@pytest.mark.parametrize("name", ENTRIES)
def test_every_layout_gives_the_same_videos(data_root: Path, name: str) -> None:
    dataset = open_dataset(name, ENTRIES[name], data_root)
    assert dataset.name == name and dataset.names == ("a", "b", "c")
    assert [video.id for video in dataset] == [1, 2, 3]
    for video in dataset:
        assert [track.masks for track in video.tracks or ()] == [track.masks for track in box_clip().tracks]
        assert video.image(2).shape == (24, 32, 3)


@pytest.mark.parametrize("name", ENTRIES)
def test_datasets_travel_to_worker_processes(data_root: Path, name: str) -> None:
    dataset = pickle.loads(pickle.dumps(open_dataset(name, ENTRIES[name], data_root)))
    assert dataset.load("b").name == "b"


def test_a_list_of_videos(data_root: Path) -> None:
    (data_root / "list.txt").write_text("c\n\na\n")
    assert open_dataset("x", ENTRIES["bdd"] | {"videos": "list.txt"}, data_root).names == ("a", "c")
    (data_root / "list.txt").write_text("c\nd\n")
    with pytest.raises(InstMoveError, match=r"list\.txt: video d \(1 in all\) is not in dataset x"):
        open_dataset("x", ENTRIES["bdd"] | {"videos": "list.txt"}, data_root)
    (data_root / "list.txt").write_text("\n")
    with pytest.raises(InstMoveError, match=r"list\.txt: leaves no video of dataset x"):
        open_dataset("x", ENTRIES["bdd"] | {"videos": "list.txt"}, data_root)
    with pytest.raises(InstMoveError, match=r"lost\.txt: list of videos not found"):
        open_dataset("x", ENTRIES["bdd"] | {"videos": "lost.txt"}, data_root)


def test_videos_that_another_json_has_are_left_out(data_root: Path) -> None:
    long = open_dataset("long", ENTRIES["ovis"] | {"exclude_annotations": "ovis/known.json"}, data_root)
    assert long.names == ("c",)
    assert long.note == f"of its 3 videos, 2 are in {data_root / 'ovis/known.json'}"
    with pytest.raises(
        InstMoveError, match=r"train\.json: has all 3 videos of ovis/train\.json, none is left for long;"
    ):
        open_dataset("long", ENTRIES["ovis"] | {"exclude_annotations": "ovis/train.json"}, data_root)


def test_wrong_roots_and_formats_are_named(tmp_path: Path) -> None:
    with pytest.raises(InstMoveError, match="lost: data root not found; set data_root"):
        open_dataset("x", ENTRIES["bdd"], tmp_path / "lost")
    with pytest.raises(InstMoveError, match=r"datasets\.x\.format: 'coco' is not one of ytvis, bdd100k"):
        open_dataset("x", {"format": "coco"}, tmp_path)


@pytest.mark.parametrize("layout", ["ovis", "bdd", "davis_all", "ytvos"])
def test_a_root_without_any_video_is_named(tmp_path: Path, layout: str) -> None:
    for folder in ("bdd/images/seg_track_20/val", "bdd/labels/seg_track_20/bitmasks/val", "ytvos/train/JPEGImages"):
        (tmp_path / folder).mkdir(parents=True)
    for folder in ("davis/JPEGImages/480p", "davis/Annotations/480p", "ovis/train"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "ytvos/train/meta.json").write_text('{"videos": {}}')
    ytvis.write_annotations(tmp_path / "ovis/train.json", [], CATEGORIES)
    with pytest.raises(InstMoveError, match="no video of made in it; check data_root"):
        open_dataset("made", ENTRIES[layout], tmp_path)
