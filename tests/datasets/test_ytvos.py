import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_clips import box_clip, clips

from instmove.datasets.ytvos import describe, open_ytvos, write_clip, write_meta
from instmove.errors import InstMoveError
from instmove.video import Clip, Dataset, Track

OBJECT_PARTS = [("a", "objects", "1", "category"), ("a", "objects", "1", "frames")]

CATEGORIES = {1: "zebra", 2: "ape", 3: "fox"}


def write(root: Path, *given_clips: Clip, split: str = "train", first_only: bool = False) -> Dataset:
    entries = {clip.name: write_clip(root, split, clip, CATEGORIES, first_only) for clip in given_clips}
    write_meta(root, split, entries)
    return open_ytvos("made", root, split)


@settings(max_examples=25, deadline=None)
@given(clips("v"))
def test_what_is_written_is_read(clip: Clip) -> None:
    with tempfile.TemporaryDirectory() as folder:
        dataset = write(Path(folder), clip)
        tracks = dataset.load("v").tracks or ()
        assert [(track.id, track.masks) for track in tracks] == [(track.id, track.masks) for track in clip.tracks]
        assert [dataset.categories[track.category] for track in tracks] == [CATEGORIES[t.category] for t in clip.tracks]


def test_categories_are_numbered_from_one_in_the_order_of_their_names(tmp_path: Path) -> None:
    dataset = write(tmp_path, box_clip("v"))
    assert dataset.categories == {0: "unknown", 1: "ape", 2: "zebra"}
    assert [track.category for track in dataset.load("v").tracks or ()] == [2, 1]


def late_clip() -> Clip:
    """Object 2 appears in the second of three frames."""
    first, second = box_clip("v").tracks
    return Clip("v", box_clip().images, (first, Track(2, 2, (None, *second.masks[1:]))))


def test_valid_has_only_the_first_mask_of_each_object(tmp_path: Path) -> None:
    clip = late_clip()
    tracks = write(tmp_path, clip, split="valid", first_only=True).load("v").tracks or ()
    assert [path.name for path in sorted((tmp_path / "valid/Annotations/v").iterdir())] == ["00000.png", "00005.png"]
    assert [track.visible() for track in tracks] == [[0], [1]]
    assert tracks[1].masks[1] == clip.tracks[1].masks[1]
    meta = json.loads((tmp_path / "valid/meta.json").read_text())["videos"]["v"]["objects"]
    assert meta["2"] == {"category": "ape", "frames": ["00005", "00010"]}


def test_meta_json_has_the_frames_of_an_object_or_in_valid_all_from_its_first(tmp_path: Path) -> None:
    first, second = box_clip("v").tracks
    brief, never = (Track(n, 2, masks) for n, masks in ((2, (None, second.masks[1], None)), (3, (None,) * 3)))
    clip = Clip("v", box_clip().images, (first, brief, never))
    for split, later in (("train", []), ("valid", ["00010"])):
        objects = write_clip(tmp_path, split, clip, CATEGORIES, split == "valid")["objects"]
        assert [objects[key]["frames"] for key in ("2", "3")] == [["00005", *later], []]


def test_an_object_without_a_mask_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, box_clip("v"))
    meta = json.loads((tmp_path / "train/meta.json").read_text())
    meta["videos"]["v"]["objects"]["7"] = {"category": "ape", "frames": ["00005"]}
    (tmp_path / "train/meta.json").write_text(json.dumps(meta))
    dataset = open_ytvos("made", tmp_path, "train")
    with pytest.raises(InstMoveError, match=r"Annotations/v: object 7 of meta.json never appears"):
        dataset.load("v")


@pytest.mark.parametrize("split", ["train", "valid"])
def test_frames_of_meta_json_are_all_there(tmp_path: Path, split: str) -> None:
    dataset = write(tmp_path, box_clip("v"), split=split, first_only=split == "valid")
    if split == "train":
        (tmp_path / "train/Annotations/v/00010.png").unlink()
        with pytest.raises(
            InstMoveError, match=r"v/00010\.png: mask not found \(1 in all\), .*train/meta\.json has it"
        ):
            dataset.load("v")
    (tmp_path / split / "JPEGImages/v/00005.jpg").unlink()
    for path in (tmp_path / split / "Annotations/v").glob("0000[1-9].png"):
        path.unlink()
    with pytest.raises(InstMoveError, match=r"v/00005\.jpg: frame not found \(1 in all\), .* in .*meta\.json;"):
        dataset.load("v")


def test_an_object_need_not_be_seen_in_every_frame_of_meta_json(tmp_path: Path) -> None:
    write(tmp_path, late_clip())
    stems = ["00000", "00005", "00010"]
    described = {str(number): {"category": "ape", "frames": stems} for number in (1, 2)}
    write_meta(tmp_path, "train", {"v": {"objects": described}})
    assert [track.visible() for track in open_ytvos("made", tmp_path, "train").load("v").tracks or ()][1] == [1, 2]


def test_objects_without_a_category_are_unknown(tmp_path: Path) -> None:
    write(tmp_path, box_clip("v"))
    write_meta(tmp_path, "train", {"v": {"objects": {"1": {"frames": ["00000"]}}}})
    dataset = open_ytvos("made", tmp_path, "train")
    video = dataset.load("v")
    assert [track.category for track in video.tracks or ()] == [0, 0] and dataset.categories == {0: "unknown"}
    assert "category" not in describe(video, dataset.categories)["objects"]["1"]


def test_bad_roots_are_named(tmp_path: Path) -> None:
    with pytest.raises(InstMoveError, match=r"train/meta\.json: file not found"):
        open_ytvos("made", tmp_path, "train")
    write(tmp_path, box_clip("v"))
    (tmp_path / "train/Annotations/v/00020.png").write_bytes((tmp_path / "train/Annotations/v/00000.png").read_bytes())
    with pytest.raises(
        InstMoveError, match=r"v/00020\.jpg: frame not found \(1 in all\), but it is labelled in .*Annotations/v;"
    ):
        open_ytvos("made", tmp_path, "train").load("v")
    for content in ("[]", '{"videos": [1]}', '{"videos": {"v": {}}}', '{"videos": {"v": 3}}'):
        (tmp_path / "train/meta.json").write_text(content)
        with pytest.raises(InstMoveError, match=r"meta\.json: expected 'videos'"):
            open_ytvos("made", tmp_path, "train")
    (tmp_path / "train/meta.json").write_text('{"videos": {"v"')
    with pytest.raises(InstMoveError, match=r"meta\.json: not valid JSON"):
        open_ytvos("made", tmp_path, "train")


@given(st.data())
def test_a_meta_json_of_another_shape_is_one_error(data: st.DataObject) -> None:
    """Any part of a right one may be anything that JSON has."""
    meta: dict[str, Any] = {"videos": {"a": {"objects": {"1": {"category": "cat", "frames": ["00000"]}}}}}
    path = data.draw(st.sampled_from([(), ("a",), ("a", "objects"), ("a", "objects", "1"), *OBJECT_PARTS]))
    odd = data.draw(
        st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda s: st.lists(s, max_size=2))
    )
    place, inner = meta, ("videos", *path)
    for key in inner[:-1]:
        place = place[key]
    place[inner[-1]] = odd
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "train/JPEGImages").mkdir(parents=True)
        (root / "train/meta.json").write_text(json.dumps(meta))
        try:
            open_ytvos("made", root, "train")
        except InstMoveError as error:
            assert "meta.json" in str(error)
