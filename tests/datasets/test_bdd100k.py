import json
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from made_clips import box_clip, clips
from PIL import Image as Pillow
from real_data import real_data

from instmove.datasets.bdd100k import Labels, bitmask_instances, open_bdd100k, read_bitmask, write_clip
from instmove.errors import InstMoveError
from instmove.masks import decode, rle_iou
from instmove.video import Clip, Track

IMAGES = Path("images/seg_track_20/val")
BITMASKS = Path("labels/seg_track_20/bitmasks/val")
RLES = Path("labels/seg_track_20/rles/val")


@settings(max_examples=25, deadline=None)
@given(clips("v"))
def test_both_forms_of_the_labels_say_what_was_written(clip: Clip) -> None:
    tracks = tuple(Track(track.id * 300, track.category, track.masks, track.id == 2) for track in clip.tracks)
    with tempfile.TemporaryDirectory() as folder:
        write_clip(Path(folder), "val", Clip("v", clip.images, tracks))
        assert open_bdd100k("made", Path(folder), "val", "bitmasks").load("v").tracks == tracks
        assert open_bdd100k("made", Path(folder), "val", "rles").load("v").tracks == tracks


def test_layout_is_the_published_one(tmp_path: Path) -> None:
    clip = box_clip("a-b", length=1)
    write_clip(tmp_path, "val", Clip("a-b", clip.images, (Track(258, 3, clip.tracks[0].masks, ignored=True),)))
    assert (tmp_path / IMAGES / "a-b/a-b-0000001.jpg").is_file()
    bitmask = np.asarray(Pillow.open(tmp_path / BITMASKS / "a-b/a-b-0000001.png"))
    assert np.unique(bitmask.reshape(-1, 4), axis=0).tolist() == [[0, 0, 0, 0], [3, 1, 1, 2]]
    frame = json.loads((tmp_path / RLES / "a-b.json").read_text())[0]
    assert (frame["name"], frame["videoName"], frame["frameIndex"]) == ("a-b-0000001.jpg", "a-b", 0)
    label = frame["labels"][0]
    assert (label["id"], label["category"], label["attributes"]["ignored"]) == ("258", "car", True)
    assert np.array_equal(decode(label["rle"]), bitmask[..., 0] == 3)


def test_test_split_has_no_truth_and_others_must(tmp_path: Path) -> None:
    for split in ("val", "test"):
        write_clip(tmp_path, split, box_clip("v"))
    shutil.rmtree(tmp_path / "labels")
    assert open_bdd100k("made", tmp_path, "test").load("v").tracks is None
    with pytest.raises(InstMoveError, match="bitmasks/val: label folder not found"):
        open_bdd100k("made", tmp_path, "val")
    with pytest.raises(InstMoveError, match="train: folder not found; check the data root"):
        open_bdd100k("made", tmp_path, "train")


@pytest.mark.parametrize(("labels", "source"), [("bitmasks", "bitmasks/val/v"), ("rles", r"rles/val/v\.json")])
def test_labels_whose_frames_are_missing_are_named(tmp_path: Path, labels: Labels, source: str) -> None:
    write_clip(tmp_path, "val", box_clip("v"))
    for number in (2, 3):
        (tmp_path / IMAGES / f"v/v-000000{number}.jpg").unlink()
    said = rf"v/v-0000002\.jpg: frame not found \(2 in all\), but it is labelled in .*{source};"
    with pytest.raises(InstMoveError, match=said):
        open_bdd100k("made", tmp_path, "val", labels).load("v")


@pytest.mark.parametrize("labels", ["bitmasks", "rles"])
def test_labelled_videos_without_frames_are_named(tmp_path: Path, labels: Labels) -> None:
    for name in ("a", "b", "c"):
        write_clip(tmp_path, "val", box_clip(name))
    for name in ("b", "c"):
        shutil.rmtree(tmp_path / IMAGES / name)
    said = rf"val/b: folder of frames not found \(2 in all\), but it is labelled in .*{labels}/val; unzip the images"
    with pytest.raises(InstMoveError, match=said):
        open_bdd100k("made", tmp_path, "val", labels)


def rles(root: Path, change) -> Path:  # type: ignore[no-untyped-def]
    """A written clip of two cars whose JSON was changed."""
    tracks = tuple(Track(track.id, 3, track.masks) for track in box_clip().tracks)
    write_clip(root, "val", Clip("v", box_clip().images, tracks))
    path = root / RLES / "v.json"
    frames = json.loads(path.read_text())
    path.write_text(json.dumps(change(frames) or frames))
    return root


def test_names_with_folder_frames_under_a_key_and_synonyms(tmp_path: Path) -> None:
    def change(frames: list[dict]) -> dict:  # type: ignore[type-arg]
        for frame in frames:
            frame["name"] = f"v/{frame['name']}"
            frame["labels"][0]["category"] = "van"
            frame["labels"][1]["category"] = "other person"
        frames[0]["labels"][0]["attributes"] = None
        return {"config": {}, "frames": frames[::-1]}

    tracks = open_bdd100k("made", rles(tmp_path, change), "val", "rles").load("v").tracks or ()
    assert [(track.id, track.category, track.ignored) for track in tracks] == [(1, 3, False), (2, 1, True)]
    assert tracks[0].masks == box_clip().tracks[0].masks


def test_an_object_that_changes_is_split_and_odd_ids_are_numbered(tmp_path: Path) -> None:
    def change(frames: list[dict]) -> None:  # type: ignore[type-arg]
        frames[1]["labels"][0]["attributes"]["crowd"] = True
        frames[2]["labels"][0]["category"] = "truck"
        for frame in frames:
            frame["labels"][1]["id"] = "x7"

    tracks = open_bdd100k("made", rles(tmp_path, change), "val", "rles").load("v").tracks or ()
    found = [(track.id, track.part_of, track.category, track.ignored, track.visible()) for track in tracks]
    assert sorted(found, key=lambda row: row[4]) == [
        (1, None, 3, False, [0]),
        (2, None, 3, False, [0, 1, 2]),
        (3, 1, 3, True, [1]),
        (4, 1, 4, False, [2]),
    ]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda f: f.clear(), r"no entry for frame v-0000001\.jpg"),
        (lambda f: f[0]["labels"][0].update(category="boat"), "object 1: unknown category 'boat'"),
        (lambda f: f[0]["labels"][0]["rle"].update(size=[9, 9]), r"object 1: mask of size \[9, 9\]"),
        (lambda f: f[0]["labels"][0]["rle"].update(counts="0"), "object 1: broken RLE"),
        (lambda f: f[1]["labels"][1].update(id="1"), "frame 1: object 1 occurs twice"),
        (lambda f: f[0]["labels"][0].__delitem__("id"), "not a Scalabel list"),
        (lambda f: {"frame": []}, "not a Scalabel list"),
        (lambda f: "text", "not a Scalabel list"),
    ],
)
def test_broken_json_is_named(tmp_path: Path, change, says: str) -> None:  # type: ignore[no-untyped-def]
    dataset = open_bdd100k("made", rles(tmp_path, change), "val", "rles")
    with pytest.raises(InstMoveError, match=rf"v\.json[:,] .*{says}"):
        dataset.load("v")


@pytest.mark.parametrize(
    ("pixel", "says"),
    [((9, 0, 0, 1), "class 9"), ((4, 0, 0, 1), "class 4 flags 0"), ((3, 8, 0, 1), "class 3 flags 8")],
)
def test_inconsistent_bitmasks_are_refused(pixel: tuple[int, ...], says: str) -> None:
    bitmask = np.zeros((4, 4, 4), dtype=np.uint8)
    bitmask[:2] = (3, 0, 0, 1)
    bitmask[0, 0] = pixel
    with pytest.raises(InstMoveError, match=f"here: instance 1 has .*{says}"):
        list(bitmask_instances(bitmask, "here"))


def test_broken_bitmask_files_are_named(tmp_path: Path) -> None:
    write_clip(tmp_path, "val", box_clip("v"))
    path = tmp_path / BITMASKS / "v/v-0000002.png"
    dataset = open_bdd100k("made", tmp_path, "val")
    Pillow.fromarray(np.zeros((24, 31, 4), dtype=np.uint8)).save(path)
    with pytest.raises(InstMoveError, match=r"0000002\.png: mask is 24x31, its frame is 24x32"):
        dataset.load("v")
    Pillow.fromarray(np.zeros((24, 32, 3), dtype=np.uint8)).save(path)
    with pytest.raises(InstMoveError, match=r"0000002\.png: PNG of mode RGB, a bitmask is RGBA"):
        dataset.load("v")
    path.unlink()
    with pytest.raises(InstMoveError, match=r"0000002\.png: mask not found"):
        dataset.load("v")


def test_what_a_bitmask_cannot_hold_is_refused(tmp_path: Path) -> None:
    clip = box_clip("v")
    rows = clip.tracks[0].masks
    for tracks in ((Track(0, 1, rows),), (Track(65536, 1, rows),), (Track(1, 9, rows),)):
        with pytest.raises(ValueError, match="id is not 1 to 65535 or its category"):
            write_clip(tmp_path, "val", Clip("v", clip.images, tracks))
    with pytest.raises(ValueError, match="overlaps"):
        write_clip(tmp_path, "val", Clip("v", clip.images, (Track(1, 1, rows), Track(2, 1, rows))))


def test_official_bitmasks() -> None:
    folder = real_data("bdd100k_bitmasks")
    truth, result = (
        list(bitmask_instances(read_bitmask(folder / part / "vid/a.png"), part)) for part in ("gt", "result")
    )
    # expected by the official test (tests/eval/mots_test.py): one match at IoU 1, one at exactly 1/2, one miss
    best = rle_iou([row[3] for row in truth], [row[3] for row in result]).max(axis=1)
    assert sorted(best[best >= 0.5].tolist()) == [0.5, 1.0] and len(truth) == 3
    raw = cv2.imread(str(folder / "example_bitmask.png"), cv2.IMREAD_UNCHANGED)[..., [2, 1, 0, 3]]
    ids = raw[..., 2].astype(int) * 256 + raw[..., 3]
    found = list(bitmask_instances(read_bitmask(folder / "example_bitmask.png"), "example"))
    assert [row[0] for row in found] == sorted(set(ids[ids > 0].tolist()))
    for instance, category, flags, rle in found:
        assert np.array_equal(decode(rle), ids == instance)
        assert {(category, flags)} == set(map(tuple, raw[ids == instance][:, :2].tolist()))


def test_a_real_video(tmp_path: Path) -> None:
    source = real_data("bdd100k_seg_track") / "seg_track_sample.json"
    frames = json.loads(source.read_text())
    name = frames[0]["videoName"]
    (tmp_path / RLES).mkdir(parents=True)
    shutil.copy(source, tmp_path / RLES / f"{name}.json")
    (tmp_path / IMAGES / name).mkdir(parents=True)
    image = cv2.imencode(".jpg", np.zeros((720, 1280, 3), np.uint8))[1].tobytes()
    for frame in frames:
        (tmp_path / IMAGES / name / frame["name"]).write_bytes(image)
    video = open_bdd100k("real", tmp_path, "val", "rles").load(name)
    counted: Counter[bool] = Counter()
    for track in video.tracks or ():
        counted[track.ignored] += len(track.visible())
    assert counted == {False: 1751, True: 17} and len(video.tracks or ()) == 90  # counts of the official test case
