"""A dataset through a split: no more than the split keeps, and nothing that the dataset lacks."""

from dataclasses import replace

import pytest
from made_clips import PIXEL, memory_dataset, seen_video

from instmove.datasets.split_reader import apply_split
from instmove.datasets.splits import SplitVideo, make_split
from instmove.errors import InstMoveError
from instmove.video import Video


def cut(video: Video, *parts: SplitVideo) -> Video:
    """The video as a split of these parts has it."""
    return apply_split(memory_dataset(video), make_split("s", "d", parts)).load(video.name)


def test_a_video_has_the_frames_of_its_split_and_what_is_seen_in_them() -> None:
    whole = seen_video("b", "xxxxxxx", ".x.xx..", "...x..x", ".xx.xx.")
    kept = cut(whole, SplitVideo("b", (0, 3, 6)))
    assert kept.indices == (0, 3, 6) and [path.name for path in kept.frames] == ["0.jpg", "3.jpg", "6.jpg"]
    assert [(track.id, track.visible()) for track in kept.tracks or ()] == [(1, [0, 1, 2]), (2, [1]), (3, [1, 2])]
    assert all(rle is None or rle is PIXEL for track in kept.tracks or () for rle in track.masks)


def test_a_dataset_has_the_videos_of_its_split() -> None:
    dataset = memory_dataset(*(seen_video(name, "x") for name in "abc"))
    split = make_split("s", "d", [SplitVideo("c", (0,)), SplitVideo("a", (0,))])
    assert [video.name for video in apply_split(dataset, split)] == ["a", "c"]


def test_a_split_of_objects_has_their_tracks_alone() -> None:
    kept = cut(seen_video("a", "xx", ".x", "xx"), SplitVideo("a", (0, 1), (2, 3)))
    assert [track.id for track in kept.tracks or ()] == [2, 3]


def test_withheld_truth_stays_withheld() -> None:
    assert cut(replace(seen_video("b", ".."), tracks=None), SplitVideo("b", (0,))).tracks is None


def test_a_split_of_other_data_is_refused() -> None:
    video = seen_video("a", "xx")
    with pytest.raises(InstMoveError, match=r"split s: video b \(1 in all\) is not in dataset memory"):
        cut(video, SplitVideo("b", (0,)))
    with pytest.raises(InstMoveError, match="asks for frame 2 of a, which has 2"):
        cut(video, SplitVideo("a", (2,)))
    with pytest.raises(InstMoveError, match="a has no track 7"):
        cut(video, SplitVideo("a", (0,), (7,)))
    with pytest.raises(InstMoveError, match="split s: has no video b"):
        apply_split(memory_dataset(video), make_split("s", "d", [SplitVideo("a", (0,))])).load("b")
