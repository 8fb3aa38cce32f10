import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_clips import box_clip, clips, content, with_masks
from pycocotools import mask as coco

from instmove import masks
from instmove.datasets.ytvis import (
    OVIS_FRAMES,
    YTVIS_FRAMES,
    open_ytvis,
    read_segmentation,
    write_annotations,
    write_clip_frames,
    write_videos,
)
from instmove.errors import InstMoveError
from instmove.video import Clip, Dataset

CATEGORIES = {1: "person", 2: "bird", 3: "cat"}


def write(root: Path, *given_clips: Clip, withheld: bool = False) -> Dataset:
    headers = [write_clip_frames(root / "train", clip) for clip in given_clips]
    write_annotations(root / "train.json", headers, CATEGORIES, withheld)
    return open_ytvis("made", root / "train.json", root / "train")


@settings(max_examples=25, deadline=None)
@given(clips("a"), clips("b"))
def test_what_is_written_is_read(first: Clip, second: Clip) -> None:
    with tempfile.TemporaryDirectory() as folder:
        dataset = write(Path(folder), first, second)
        assert dataset.names == ("a", "b") and dataset.categories == CATEGORIES
        ids = []
        for number, clip in enumerate((first, second), start=1):
            video = dataset.load(clip.name)
            assert (video.id, len(video)) == (number, len(clip.images))
            assert video.image(0).shape == clip.images[0].shape
            assert content(video.tracks) == content(clip.tracks)
            ids += [track.id for track in video.tracks or ()]
        assert ids == list(range(1, len(ids) + 1))  # 0 means "no match" in the official evaluation


def test_json_is_what_the_official_loader_expects(tmp_path: Path) -> None:
    clip = box_clip("a", length=2)
    clip = with_masks(clip, (clip.tracks[0].masks[0], None), clip.tracks[1].masks)
    write(tmp_path, clip)
    written = json.loads((tmp_path / "train.json").read_text())
    assert written["videos"][0]["file_names"] == ["a/00000.jpg", "a/00005.jpg"]
    assert written["videos"][0]["length"] == 2
    first = written["annotations"][0]
    assert (first["id"], first["video_id"], first["category_id"], first["iscrowd"]) == (1, 1, 1, 0)
    assert first["segmentations"][1] is first["areas"][1] is first["bboxes"][1] is None
    mask = coco.decode(first["segmentations"][0])
    rows, columns = np.nonzero(mask)
    box = [columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1]
    assert first["areas"][0] == mask.sum() and first["bboxes"][0] == box


def test_frame_names_of_both_benchmarks() -> None:
    assert YTVIS_FRAMES(2) == ("00000.jpg", "00005.jpg")
    assert OVIS_FRAMES(2) == ("img_0000001.jpg", "img_0000002.jpg")


def test_withheld_truth_is_none_not_empty(tmp_path: Path) -> None:
    dataset = write(tmp_path, box_clip("a"), withheld=True)
    assert json.loads((tmp_path / "train.json").read_text())["annotations"] is None
    assert dataset.load("a").tracks is None
    assert write(tmp_path, Clip("b", box_clip().images, ())).load("b").tracks == ()


def test_ignored_objects_and_empty_masks_survive(tmp_path: Path) -> None:
    clip = box_clip("a", length=2)
    nothing = masks.encode(np.zeros((24, 32), dtype=bool))
    clip = with_masks(clip, (nothing, clip.tracks[0].masks[1]), clip.tracks[1].masks)
    track = clip.tracks[0]
    clip = Clip("a", clip.images, (type(track)(track.id, track.category, track.masks, ignored=True), clip.tracks[1]))
    video = write(tmp_path, clip).load("a")
    assert content(video.tracks) == content(clip.tracks)


def test_written_videos_keep_ids_and_encodings(tmp_path: Path) -> None:
    dataset = write(tmp_path, box_clip("a"), box_clip("b", length=4))
    video = dataset.load("b").select([0, 2])
    write_videos(tmp_path / "cut.json", [video], CATEGORIES)
    again = open_ytvis("cut", tmp_path / "cut.json", tmp_path / "train").load("b")
    assert (again.id, again.tracks, again.frames) == (2, video.tracks, video.frames)


mask_arrays = st.tuples(st.integers(1, 12), st.integers(1, 12), st.integers(0, 2**32 - 1)).map(
    lambda drawn: np.random.default_rng(drawn[2]).random(drawn[:2]) < 0.5
)


@settings(max_examples=50, deadline=None)
@given(mask_arrays)
def test_listed_run_lengths_are_accepted(mask: np.ndarray) -> None:
    flat = mask.ravel(order="F")
    edges = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff([0, *edges, flat.size]).tolist()
    listed = {"size": list(mask.shape), "counts": [0, *runs] if flat[0] else runs}
    assert read_segmentation(listed, *mask.shape, "here") == masks.encode(mask)


def test_polygons_are_accepted() -> None:
    rle = read_segmentation([[2, 1, 6, 1, 6, 4, 2, 4], [8, 0, 9, 0, 9, 9, 8, 9]], 10, 10, "here")
    assert rle is not None
    expected = np.zeros((10, 10), dtype=bool)
    expected[1:4, 2:6] = expected[0:9, 8:9] = True
    assert np.array_equal(masks.decode(rle), expected)


@pytest.mark.parametrize("nothing", [None, [], {}])
def test_nothing_is_no_mask(nothing: object) -> None:
    assert read_segmentation(nothing, 4, 4, "here") is None


GOOD = masks.encode(np.eye(4, dtype=bool))


@pytest.mark.parametrize(
    ("segmentation", "says"),
    [
        ({"size": [4, 5], "counts": GOOD["counts"]}, "size"),
        ({"size": [4, 5], "counts": [20]}, "size"),
        ({"size": [4, 4], "counts": [4, 4]}, "cover 8 of 16"),
        ({"size": [4, 4], "counts": [-4, 20]}, "cover"),
        ({"size": [4, 4], "counts": GOOD["counts"][:-1]}, "broken RLE"),
        ({"size": [4, 4], "counts": GOOD["counts"] + "~"}, "broken RLE"),
        ({"size": [4, 4], "counts": "é"}, "broken RLE"),
        ({"size": [4, 4], "counts": ["x"]}, "neither"),
        ({"size": [4, 4], "counts": None}, "broken RLE"),
        ({"size": 4, "counts": GOOD["counts"]}, "neither"),
        ({"counts": GOOD["counts"]}, "neither"),
        ([[1, 1, 2, 2]], "neither"),
        ([[1, 1]], "neither"),
        ([[0, 0, 3, 0, 3, 3], [1, 1, 2, 2]], "neither"),
        ([[1, 1, 2, 2, "x", 3]], "neither"),
        ([7], "neither"),
        (7, "neither"),
        ("mask", "neither"),
    ],
)
def test_broken_masks_are_named(segmentation: object, says: str) -> None:
    with pytest.raises(InstMoveError, match=f"^here: .*{says}") as raised:
        read_segmentation(segmentation, 4, 4, "here")
    assert "\n" not in str(raised.value)


def edit(path: Path, change) -> None:  # type: ignore[no-untyped-def]
    loaded = json.loads(path.read_text())
    change(loaded)
    path.write_text(json.dumps(loaded))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: d["annotations"][0]["segmentations"].pop(), "2 masks for 3 frames"),
        (lambda d: d["annotations"][0].update(category_id=9), "category 9"),
        (lambda d: d["annotations"][0]["segmentations"][1].update(size=[24, 31]), r"frame 1: mask of size \[24, 31\]"),
    ],
)
def test_broken_annotations_name_the_file(tmp_path: Path, change, says: str) -> None:  # type: ignore[no-untyped-def]
    write(tmp_path, box_clip("a"))
    edit(tmp_path / "train.json", change)
    dataset = open_ytvis("made", tmp_path / "train.json", tmp_path / "train")
    with pytest.raises(InstMoveError, match=rf"train\.json: annotation 1.*{says}"):
        dataset.load("a")


def test_missing_images_are_named(tmp_path: Path) -> None:
    write(tmp_path, box_clip("a"))
    with pytest.raises(InstMoveError, match="valid: image folder not found"):
        open_ytvis("made", tmp_path / "train.json", tmp_path / "valid")
    with pytest.raises(InstMoveError, match="no video named 'b'"):
        open_ytvis("made", tmp_path / "train.json", tmp_path / "train").load("b")
