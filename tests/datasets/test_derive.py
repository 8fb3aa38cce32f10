import json
import random
from pathlib import Path

import pytest
from made_clips import box_clip

from instmove.datasets import bdd100k, davis, ytvis, ytvos
from instmove.datasets.derive import write_derived_annotations
from instmove.datasets.splits import Split, SplitVideo, derive_ovis_sub, make_split, sparse
from instmove.errors import InstMoveError
from instmove.video import Dataset

CATEGORIES = {1: "ape", 2: "bee"}
NAMES = [f"{number:08x}" for number in range(12)]


def ovis(root: Path, length: int = 3) -> Dataset:
    headers = [ytvis.write_clip_frames(root / "train", box_clip(name, length)) for name in NAMES]
    ytvis.write_annotations(root / "train.json", headers, CATEGORIES)
    return ytvis.open_ytvis("ovis", root / "train.json", root / "train")


def every_other(dataset: Dataset) -> Split:
    return sparse("s", dataset, dataset.names[:2], 2)


def test_a_derived_json_has_the_same_ids_and_encodings(tmp_path: Path) -> None:
    dataset = ovis(tmp_path, length=5)
    split = sparse("sub", dataset, derive_ovis_sub(dataset.names)[1], 2)
    write_derived_annotations(dataset, split, "ytvis", tmp_path / "sub.json")
    whole, derived = (json.loads((tmp_path / name).read_text()) for name in ("train.json", "sub.json"))
    originals = {annotation["id"]: annotation for annotation in whole["annotations"]}
    assert len(derived["videos"]) == round(12 * 122 / 607) and len(derived["annotations"]) == 4
    for annotation in derived["annotations"]:
        original = originals[annotation["id"]]
        for key in ("segmentations", "areas", "bboxes"):
            assert annotation[key] == original[key][::2]
        assert annotation["video_id"] == original["video_id"] and annotation["length"] == 3
    assert all(len(video["file_names"]) == video["length"] == 3 for video in derived["videos"])


def test_deriving_is_stable_under_reordering_of_the_json(tmp_path: Path) -> None:
    written = []
    for shuffle in (False, True):
        folder = tmp_path / str(shuffle)
        ovis(folder)
        content = json.loads((folder / "train.json").read_text())
        if shuffle:
            random.Random(1).shuffle(content["videos"])
            random.Random(2).shuffle(content["annotations"])
        (folder / "train.json").write_text(json.dumps(dict(sorted(content.items()))))
        dataset = ytvis.open_ytvis("ovis", folder / "train.json", folder / "train")
        split = sparse("sub", dataset, derive_ovis_sub(dataset.names)[0], 2)
        write_derived_annotations(dataset, split, "ytvis", folder / "sub.json")
        written.append(((folder / "sub.json").read_bytes(), split))
    assert written[0] == written[1]


def test_bdd_rles_of_some_tracks(tmp_path: Path) -> None:
    for name in ("a", "b"):
        bdd100k.write_clip(tmp_path, "val", box_clip(name))
    dataset = bdd100k.open_bdd100k("bdd", tmp_path, "val")
    split = make_split("s", "bdd", [SplitVideo("a", (0, 2), (2,))])
    write_derived_annotations(dataset, split, "bdd100k", tmp_path / "out")
    frames = json.loads((tmp_path / "out/a.json").read_text())
    assert [frame["name"] for frame in frames] == ["a-0000001.jpg", "a-0000003.jpg"]
    assert [[label["id"] for label in frame["labels"]] for frame in frames] == [["2"], ["2"]]
    assert frames[1]["labels"][0]["rle"] == box_clip().tracks[1].masks[2]


def test_ytvos_meta(tmp_path: Path) -> None:
    entries = {n: ytvos.write_clip(tmp_path, "train", box_clip(n), CATEGORIES, False) for n in ("a", "b", "c")}
    ytvos.write_meta(tmp_path, "train", entries)
    dataset = ytvos.open_ytvos("ytvos", tmp_path, "train")
    write_derived_annotations(dataset, every_other(dataset), "ytvos", tmp_path / "meta.json")
    meta = json.loads((tmp_path / "meta.json").read_text())["videos"]
    assert sorted(meta) == ["a", "b"]
    assert meta["a"]["objects"]["2"] == {"category": "bee", "frames": ["00000", "00010"]}


def test_davis_image_sets_name_whole_sequences(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        davis.write_clip(tmp_path, box_clip(name))
    dataset = davis.open_davis("davis", tmp_path)
    write_derived_annotations(dataset, sparse("s", dataset, ["c", "a"]), "davis", tmp_path / "s.txt")
    assert (tmp_path / "s.txt").read_text() == "a\nc\n"
    with pytest.raises(InstMoveError, match="split s: an image set names whole sequences, but a is cut"):
        write_derived_annotations(dataset, every_other(dataset), "davis", tmp_path / "t.txt")
    assert not (tmp_path / "t.txt").exists()
