"""From a data root to split files, and to annotation files that other people's code reads."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from tiny_ovis import ANNOTATIONS, NAMES, write_tiny_ovis

from instmove.cli import main

BY_HASH = sorted(NAMES, key=lambda name: hashlib.sha256(name.encode()).hexdigest())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_tiny_ovis(tmp_path / "data")
    return tmp_path / "data"


def make_split(root: Path, split: str, *arguments: str) -> int:
    paths = ["--train", str(root.parent / "train.json"), "--val", str(root.parent / "val.json")]
    return main(["make-split", split, "--set", f"data_root={root}", *paths, *arguments])


def read(path: Path) -> Any:
    return json.loads(path.read_text())


def videos(path: Path) -> dict[str, tuple[int, ...]]:
    return {video["name"]: tuple(video["frames"]) for video in read(path)["videos"]}


def test_held_out_by_the_hash_of_the_name_and_every_fifth_frame(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert make_split(root, "ovis_sub_sparse") == 0
    assert videos(root.parent / "val.json") == dict.fromkeys(BY_HASH[: round(10 * 122 / 607)], (0, 5))
    assert videos(root.parent / "train.json") == dict.fromkeys(BY_HASH[2:], (0, 5))
    printed = capsys.readouterr().out.splitlines()
    assert [line.partition(": ")[2].rpartition(", ")[0] for line in printed] == [
        "8 videos, 16 frames",
        "2 videos, 4 frames",
    ]


def test_derived_annotations_are_the_source_s_own(root: Path, tmp_path: Path) -> None:
    assert make_split(root, "ovis_sub_sparse", "--derive", str(tmp_path / "derived")) == 0
    source, derived = read(root / ANNOTATIONS), read(tmp_path / "derived/ovis_sub_sparse_val0.json")
    assert sorted(path.name for path in (tmp_path / "derived").iterdir()) == [
        "ovis_sub_sparse_train0.json",
        "ovis_sub_sparse_val0.json",
    ]
    kept = {video["id"]: video for video in source["videos"] if video["file_names"][0].split("/")[0] in BY_HASH[:2]}
    assert derived["categories"] == source["categories"]
    assert {video["id"]: video["file_names"] for video in derived["videos"]} == {
        number: video["file_names"][::5] for number, video in kept.items()
    }
    expected = {
        record["id"]: record["segmentations"][::5]
        for record in source["annotations"]
        if record["video_id"] in kept and any(record["segmentations"][::5])
    }
    assert len(expected) == 2, "in frames 0 and 5 the second object is out of sight"
    assert {record["id"]: record["segmentations"] for record in derived["annotations"]} == expected


def test_a_list_of_names_replaces_the_hash(root: Path, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("fox\nant\nelk\n")
    assert make_split(root, "ovis_sub", "--set", f"splits.ovis_sub.list={tmp_path / 'list.txt'}") == 0
    assert videos(tmp_path / "val.json") == dict.fromkeys(["ant", "elk", "fox"], (0, 1, 2, 3, 4, 5, 6))
    assert videos(tmp_path / "train.json").keys() == {*NAMES} - {"ant", "elk", "fox"}


def test_folds_score_every_video_once(root: Path, tmp_path: Path) -> None:
    rule = "splits.cv={dataset: ovis_train, rule: folds, stride: 3, folds: 4}"
    scored: list[str] = []
    for fold in range(4):
        assert make_split(root, "cv", "--set", rule, "--fold", str(fold)) == 0
        val, train = videos(tmp_path / "val.json"), videos(tmp_path / "train.json")
        assert {*val, *train} == {*NAMES} and not val.keys() & train.keys()
        scored += val
    assert sorted(scored) == sorted(NAMES)


def test_an_official_split_trains_on_one_dataset_and_scores_another(root: Path, tmp_path: Path) -> None:
    other = "datasets.other={format: ytvis, annotations: ovis/annotations_train.json, images: ovis/train, videos: few}"
    (root / "few").write_text("cow dog")
    rule = "splits.official={dataset: ovis_train, rule: official, val: other, stride: 3}"
    assert make_split(root, "official", "--set", other, "--set", rule, "--derive", str(tmp_path / "derived")) == 0
    assert videos(tmp_path / "train.json") == dict.fromkeys(sorted(NAMES), (0, 3, 6))
    assert videos(tmp_path / "val.json") == {"cow": (0, 3, 6), "dog": (0, 3, 6)}
    assert [read(tmp_path / f"{part}.json")["dataset"] for part in ("train", "val")] == ["ovis_train", "other"]
    assert (tmp_path / "derived/official_val0.json").exists()


def test_the_same_input_gives_the_same_bytes(root: Path, tmp_path: Path) -> None:
    found = []
    for _ in range(2):
        assert make_split(root, "ovis_sub") == 0
        found.append((tmp_path / "val.json").read_bytes())
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ovis_sbu"], "'ovis_sbu' is not under splits in the setup; choose one of ovis_sub, ovis_sub_sparse3"),
        (["cv", "--fold", "4"], "--fold 4: split 'cv' has 4 fold(s), counted from 0"),
        (["ovis_sub", "--fold", "1"], "--fold 1: split 'ovis_sub' has 1 fold(s), counted from 0"),
    ],
)
def test_what_there_is_not(root: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    rule = "splits.cv={dataset: ovis_train, rule: folds, stride: 1, folds: 4}"
    assert make_split(root, arguments[0], "--set", rule, *arguments[1:]) == 1
    assert message in capsys.readouterr().err
    assert not (root.parent / "val.json").exists()
