import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from made_clips import box_clip, memory_dataset

from instmove.datasets import ytvis
from instmove.datasets.check import Report, check_dataset, look_at
from instmove.video import Clip, Dataset


def write(root: Path, names: tuple[str, ...] = ("a", "b", "c")) -> Dataset:
    headers = [ytvis.write_clip_frames(root / "train", box_clip(name)) for name in names]
    ytvis.write_annotations(root / "train.json", headers, {1: "x", 2: "y"})
    return ytvis.open_ytvis("made", root / "train.json", root / "train")


def test_good_data_has_no_problems(tmp_path: Path) -> None:
    report = check_dataset(write(tmp_path), {"expect": {"videos": 3}}, deep=True)
    assert report == Report(videos=3, frames=9, tracks=6, masks=18)


def test_many_videos_are_all_looked_at(tmp_path: Path) -> None:
    dataset = write(tmp_path, tuple(f"v{number:02d}" for number in range(35)))
    (tmp_path / "train/v34/00005.jpg").unlink()
    report = check_dataset(dataset, {})
    assert report.videos == 35 and len(report.problems) == 1 and "v34/00005.jpg: frame not found" in report.problems[0]


def test_every_problem_is_listed(tmp_path: Path) -> None:
    dataset = write(tmp_path)
    content: dict[str, Any] = json.loads((tmp_path / "train.json").read_text())
    content["annotations"][0]["segmentations"][1]["counts"] += "x"
    (tmp_path / "train.json").write_text(json.dumps(content))
    dataset = ytvis.open_ytvis("made", tmp_path / "train.json", tmp_path / "train")
    ytvis.write_clip_frames(tmp_path / "train", Clip("b", box_clip(size=(24, 31)).images, ()))
    (tmp_path / "train/c/00000.jpg").unlink()
    cut = tmp_path / "train/c/00005.jpg"
    cut.write_bytes(cut.read_bytes()[:-100])
    for deep in (False, True):
        problems = check_dataset(
            dataset, {"format": "ytvis", "annotations": "train.json", "expect": {"videos": 607}}, deep
        ).problems
        said = "cannot be decoded" if deep else "ends in the middle"
        expected = [
            "made (train.json): 3 videos, officially 607",
            "annotation 1, frame 1: broken RLE",
            *["image is 24x31, its annotation says 24x32"] * 3,
            "c/00000.jpg: frame not found",
            f"c/00005.jpg: {said}",
        ]
        assert len(problems) == len(expected)
        assert all(text in problem for text, problem in zip(expected, problems, strict=True))


def test_ids_are_unique(tmp_path: Path) -> None:
    first, second, _ = write(tmp_path)
    assert first.tracks
    twice = replace(first, tracks=(first.tracks[0], first.tracks[0]))
    dataset = memory_dataset(twice, replace(second, id=1))
    dataset = replace(dataset, names=("a", "b", "b"))
    assert sorted(check_dataset(dataset, {}).problems) == [
        "a: track id 1 occurs more than once",
        "memory: video b is listed more than once",
        "memory: video id 1 occurs 3 times",
    ]
    assert check_dataset(memory_dataset(first, replace(second, id=1)), {}).problems == [
        "memory: video id 1 occurs 2 times"
    ]


def test_the_wrong_file_to_leave_out_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    entry = {"format": "ytvis", "annotations": "train.json", "images": "train", "exclude_annotations": "other.json"}
    ytvis.write_annotations(tmp_path / "other.json", [ytvis.write_clip_frames(tmp_path / "x", box_clip("z"))], {1: "x"})
    (problem,) = look_at("long", entry | {"expect": {"videos": 1}}, tmp_path).problems
    said = f"of its 3 videos, 0 are in {tmp_path / 'other.json'}; put the right file at each"
    assert problem == f"long (train.json): 3 videos, officially 1; {said}"


def test_no_annotation_at_all_is_a_problem_unless_it_is_withheld(tmp_path: Path) -> None:
    dataset = write(tmp_path)
    entry = {"format": "ytvis", "annotations": "train.json", "images": "train"}
    bare = [replace(video, tracks=()) for video in dataset]
    for withheld in (False, True):
        ytvis.write_videos(tmp_path / "train.json", bare, dataset.categories, withheld)
        opened = ytvis.open_ytvis("made", tmp_path / "train.json", tmp_path / "train")
        for problems in (check_dataset(opened, entry).problems, look_at("made", entry, tmp_path).problems):
            assert [problem.split(",")[0] for problem in problems] == [
                "made (train.json): no annotation in any video"
            ] * (not withheld)


def test_withheld_truth_is_said(tmp_path: Path) -> None:
    dataset = write(tmp_path)
    ytvis.write_videos(tmp_path / "train.json", list(dataset), dataset.categories, withheld=True)
    assert check_dataset(ytvis.open_ytvis("made", tmp_path / "train.json", tmp_path / "train"), {}).withheld
