import json
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instmove.datasets import index
from instmove.datasets.index import open_index
from instmove.errors import InstMoveError


def small() -> dict[str, Any]:
    """Two videos in no order, three annotations, and keys that other tools add."""
    videos = [
        {"id": 7, "width": 4, "height": 3, "length": 2, "file_names": ["b/1.jpg", "b/2.jpg"]},
        {"id": 2, "width": 4, "height": 3, "length": 1, "file_names": ["a/1.jpg"], "coco_url": ""},
    ]
    annotations = [
        {"id": 5, "video_id": 7, "category_id": 1, "segmentations": [None, {"size": [3, 4], "counts": "<"}]},
        {"id": 9, "video_id": 2, "category_id": 1, "segmentations": [None], "occlusion": ["no"], "areas": [1.5]},
        {"id": 4, "video_id": 7, "category_id": 2, "segmentations": [None, None], "iscrowd": 1},
    ]
    categories = [{"id": 1, "name": "x", "supercategory": "y"}, {"id": 2, "name": "z"}]
    return {"info": {"videos": [1]}, "videos": videos, "annotations": annotations, "categories": categories}


def save(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value))
    return path


@settings(max_examples=20, deadline=None)
@given(st.permutations(list(small())), st.permutations(small()["videos"]), st.permutations(small()["annotations"]))
def test_the_order_of_the_file_does_not_matter(keys: list[str], videos: list[Any], annotations: list[Any]) -> None:
    content = small() | {"videos": videos, "annotations": annotations}
    with tempfile.TemporaryDirectory() as folder:
        opened = open_index(save(Path(folder) / "x.json", {key: content[key] for key in keys}))
        assert opened.names == ("a", "b") and opened.categories == {1: "x", 2: "z"} and not opened.withheld
        video, tracks = opened.read("b")
        assert video["id"] == 7 and video["file_names"] == ["b/1.jpg", "b/2.jpg"]
        assert [(track["id"], track["iscrowd"]) for track in tracks] == [(4, 1), (5, 0)]
        assert tracks[1]["segmentations"] == [None, {"size": [3, 4], "counts": "<"}]


@pytest.mark.parametrize("how", ["null", "absent"])
def test_withheld(tmp_path: Path, how: str) -> None:
    content = small() | {"annotations": None}
    if how == "absent":
        del content["annotations"]
    opened = open_index(save(tmp_path / "x.json", content))
    assert opened.withheld and opened.read("a")[1] == []


def test_no_annotation_is_not_withheld(tmp_path: Path) -> None:
    opened = open_index(save(tmp_path / "x.json", small() | {"annotations": []}))
    assert opened.empty and not opened.withheld
    assert not open_index(save(tmp_path / "x.json", small())).empty


def test_second_opening_reads_the_index_and_a_new_file_is_indexed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(tmp_path / "x.json", small())
    first = open_index(path)
    with monkeypatch.context() as patch:
        patch.setattr(index, "_build", None)
        assert open_index(path) == first
    save(path, small() | {"videos": small()["videos"][1:], "annotations": []})
    assert open_index(path).names == ("a",)


def test_a_damaged_index_is_made_again(tmp_path: Path) -> None:
    path = save(tmp_path / "x.json", small())
    opened = open_index(path)
    opened.path.write_bytes(b"not a database")
    assert open_index(path).read("a") == opened.read("a")


def test_read_only_folders_use_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "x.json", small())
    monkeypatch.setattr(index.os, "access", lambda *_: False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    assert open_index(path, tmp_path / "cache").path.parent == tmp_path / "cache"
    assert open_index(path).path.parent == tmp_path / "home" / "instmove"
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["x.json"]


WHOLE = json.dumps(small())


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(WHOLE) - 1))
def test_truncated_json_is_one_line_and_leaves_nothing(cut: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.json"
        path.write_text(WHOLE[:cut])
        with pytest.raises(InstMoveError, match=r"x\.json: not valid JSON .*download complete") as raised:
            open_index(path)
        assert "\n" not in str(raised.value)
        assert list(Path(folder).iterdir()) == [path]


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(WHOLE) - 1), st.characters(min_codepoint=32, max_codepoint=126))
def test_one_wrong_character_is_read_or_refused_never_a_crash(place: int, character: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.json"
        path.write_text(WHOLE[:place] + character + WHOLE[place + 1 :])
        try:
            opened = open_index(path)
            for name in opened.names:
                opened.read(name)
        except InstMoveError as error:
            assert str(path) in str(error) and "\n" not in str(error)


def change(section: str, **values: Any) -> dict[str, Any]:
    content = small()
    content[section][0].update(values)
    return content


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ([], "no list 'videos'"),
        ({"videos": None}, "no list 'videos'"),
        (change("videos", id=2), "occurs twice"),
        (change("videos", file_names=["a/5.jpg", "a/6.jpg"]), "occurs twice"),
        (change("annotations", id=4), "occurs twice"),
        (change("annotations", video_id=3), "annotation 5 belongs to video 3"),
        (change("annotations", segmentations=None), r"'segmentations' must be of type list, not 'None' .*\(id 5\)"),
        (change("annotations", id="5"), "must be of type int"),
        (change("videos", file_names=["1.jpg"]), "<video>/<frame>"),
        (change("videos", file_names=[]), "<video>/<frame>"),
        (change("videos", file_names=["train/b/1.jpg", "train/b/2.jpg"]), "video 7 .*first of 2 is 'train/b/1.jpg'"),
        ({"videos": [{}]}, "'id' is missing in an entry of 'videos'"),
        (change("videos", height="3"), "must be of type int"),
    ],
)
def test_wrong_content_is_named(tmp_path: Path, content: Any, says: str) -> None:
    with pytest.raises(InstMoveError, match=rf"x\.json: .*{says}"):
        open_index(save(tmp_path / "x.json", content))


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InstMoveError, match=r"x\.json: annotation file not found"):
        open_index(tmp_path / "x.json")


@pytest.mark.parametrize("wrong", ["a byte", "the end"])
def test_a_spoilt_record_is_an_error_once_and_then_made_again(wrong: str, tmp_path: Path) -> None:
    source = save(tmp_path / "x.json", small())
    opened = open_index(source)
    data = bytearray(opened.path.read_bytes())
    with closing(sqlite3.connect(opened.path)) as connection:
        (record,) = connection.execute("SELECT record FROM videos WHERE name = 'b'").fetchone()
    data[data.index(record) + len(record) // 2] ^= 1
    opened.path.write_bytes(data if wrong == "a byte" else data[: len(data) // 2])
    with pytest.raises(InstMoveError, match=r"x\.json\.index: broken; run again"):
        opened.read("b")
    assert open_index(source).read("b")[0]["id"] == 7
