"""Plots of identity switches: what they count, which switches they show, and that they draw the same twice."""

from pathlib import Path

import numpy as np
import pytest
from made_up import ORIGIN

from instmove.masks import encode
from instmove.metrics.mots_files import load_result, score_mots
from instmove.metrics.mots_result import MotsResult
from instmove.metrics.result_files import samples_path
from instmove.reporting.page.videos import read_videos, write_videos
from instmove.reporting.switch_plots import GAPS, by_class, by_gap, plot_switches
from instmove.reporting.switch_strips import SwitchAt, choose, holder, plot_switch_strips, strips_of, switches_at
from instmove.video import Dataset, Track, Video, read_image

FRAMES = 12


def result(*switches: tuple[int, int, int]) -> MotsResult:
    """Two videos, each with a pedestrian (1) and a car (3); switches are (object row, frame, gap)."""
    rows, frames, gaps = (np.array(column, dtype=np.int64) for column in zip(*switches, strict=True))
    names, owners = ("a", "b"), np.array([0, 0, 1, 1])
    ids, kinds, returning = np.array([1, 3, 1, 3]), np.array([1, 3, 1, 3]), np.zeros(4, dtype=bool)
    return MotsResult(names, np.zeros((2, 2, 12)), owners, ids, kinds, returning, rows, frames, gaps)


def test_every_switch_is_counted_once() -> None:
    found = result((0, 2, 1), (1, 5, 4), (3, 5, 2), (3, 9, 30))
    assert by_class(found, [1, 2, 3]) == [1, 0, 3]
    assert by_gap(found) == [1, 1, 1, 0, 1]
    assert [low for low, _ in GAPS[1:]] == [high + 1 for _, high in GAPS[:-1] if high], "no gap is in two bars or none"


def test_the_chosen_are_those_that_the_other_has_not_after_the_longest_gaps() -> None:
    before, after = result((0, 2, 1), (1, 5, 4), (3, 5, 2), (3, 9, 30)), result((3, 9, 30), (2, 4, 1))
    assert choose(before, after, 3) == [SwitchAt("a", 3, 5, 4), SwitchAt("b", 3, 5, 2)], "one a video"
    assert choose(before, after, 1) == [SwitchAt("a", 3, 5, 4)]
    assert choose(after, before, 3) == [SwitchAt("b", 1, 4, 1)]
    assert switches_at(after)[0].shown == [-22, -21, -20, 8, 9, 10]


def test_a_switch_that_comes_later_or_after_another_gap_is_neither_fixed_nor_introduced() -> None:
    before, after = result((0, 2, 1), (3, 9, 30)), result((0, 6, 1), (3, 9, 4))
    assert choose(before, after, 3) == choose(after, before, 3) == []


@pytest.fixture
def video(tmp_path: Path) -> Video:
    """A car that passes, on grey frames."""
    import cv2

    paths = tuple(tmp_path / f"a-{t:03}.jpg" for t in range(FRAMES))
    for path in paths:
        cv2.imwrite(str(path), np.full((24, 60, 3), 90, dtype=np.uint8))
    return Video(1, "a", 24, 60, paths, (Track(3, 3, tuple(car(t) for t in range(FRAMES))),))


def car(frame: int) -> dict:
    mask = np.zeros((24, 60), dtype=bool)
    mask[8:16, 3 * frame : 3 * frame + 12] = True
    return encode(mask)  # type: ignore[return-value]


def tracks(*starts: int) -> list[Track]:
    """The car under an id that changes in these frames."""
    ids = np.searchsorted(starts, np.arange(FRAMES), side="right") + 1
    return [
        Track(int(n), 3, tuple(car(t) if ids[t] == n else None for t in range(FRAMES)))  # type: ignore[arg-type]
        for n in np.unique(ids)
    ]


def test_strips_are_drawn_from_results_and_the_same_twice(video: Video, tmp_path: Path) -> None:
    dataset = Dataset("made", {3: "car"}, ("a",), lambda _: video)
    files = {}
    for name, found in (("no motion", tracks(4, 9)), ("InstMove", tracks(6))):
        files[name] = tmp_path / f"{name}.json"
        score_mots(files[name], ORIGIN, [(video, found)], (3,), draws=2)
    before, after = (load_result(samples_path(path)) for path in files.values())
    assert choose(before, after, 3) == [SwitchAt("a", 3, 4, 1)]
    switched = {"no motion": switches_at(before), "InstMove": switches_at(after)}
    strips = strips_of(dataset, choose(before, after, 3), switches_at(after), files, switched)
    assert [strip.switched for strip in strips] == [{"no motion": {4, 9}, "InstMove": {6}}] * 2
    for name in ("one", "two"):
        plot_switch_strips(strips, "t", tmp_path / name)
        plot_switches({"PCAN": {"no motion": before, "InstMove": after}}, {3: "car"}, "t", tmp_path / f"bars_{name}")
    for start in ("", "bars_"):
        assert (tmp_path / f"{start}one.svg").read_bytes() == (tmp_path / f"{start}two.svg").read_bytes()
    text = (tmp_path / "one.svg").read_text()
    assert "fixed: a, object 3, frame 4: no motion" in text and "introduced: a, object 3, frame 6: InstMove" in text
    assert read_image(tmp_path / "one.png").std() > 0


def test_the_page_shows_where_switches_are(video: Video, tmp_path: Path) -> None:
    paths = (tmp_path / "before.json", tmp_path / "after.json")
    for path, found in zip(paths, (tracks(4), tracks()), strict=True):
        score_mots(path, ORIGIN, [(video, found)], (3,), draws=2)
    write_videos(Dataset("made", {3: "car"}, ("a",), lambda _: video), {"pcan": paths}, tmp_path / "videos")
    ((shown,),) = read_videos(tmp_path / "videos").values()
    assert shown["metric"] == "MOTSA" and shown["values"] == pytest.approx([1 - 1 / FRAMES, 1])
    assert shown["kept"][0] == [0.0] * 4 + [1.0] * (FRAMES - 4), "the car's own track is the one that holds it longest"
    assert shown["kept"][1] == [1.0] * FRAMES


def test_nothing_to_show_is_an_empty_plot(tmp_path: Path) -> None:
    plot_switch_strips([], "t", tmp_path / "strips")
    plot_switches({}, {3: "car"}, "t", tmp_path / "bars")
    assert (tmp_path / "strips.png").exists() and (tmp_path / "bars.svg").exists()


def test_the_holder_is_of_the_class_and_near_enough(video: Video) -> None:
    (truth,) = video.tracks or ()
    (found,) = tracks()
    assert holder([found], truth.masks[2], 3, 2) == found
    assert holder([found], truth.masks[2], 4, 2) is None, "another class"
    assert holder([found], truth.masks[6], 3, 2) is None, "too far away"
    assert holder([found], None, 3, 2) is None
