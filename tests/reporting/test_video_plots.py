from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fabricated import write_tracking
from made_up import make_dataset, rectangle

from instmove.errors import InstMoveError
from instmove.files import read_json, write_text
from instmove.metrics.video_ap import TrackPrediction
from instmove.reporting.cells import FULL_GRID, Result, description_of
from instmove.reporting.gain_plots import plot_gains, plot_sparsity, read_lines
from instmove.reporting.measured import Measurements
from instmove.reporting.page.strips import draw_strip
from instmove.reporting.tidy import tidy_csv
from instmove.reporting.track_strips import FRAMES, Scene, choose_frames, plot_track_strips, scenes_of
from instmove.reporting.video_gains import extremes, gains_of, plot_video_gains
from instmove.video import Dataset

SETUP: dict[str, Any] = {
    "tables": {},
    "association": {"variants": {}},
    "grid": {
        "hosts": {"idol": "IDOL", "minvis": "MinVIS"},
        "benchmarks": {"near": "Near", "far": "Far"},
        "motions": {"none": "none", "instmove": "InstMove"},
        "further": {"raft": "RAFT"},
    },
}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return make_dataset(tmp_path_factory.mktemp("frames"), videos=6)


@pytest.fixture(scope="module")
def folder(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MinVIS was not run on the far benchmark, and RAFT nowhere."""
    root = tmp_path_factory.mktemp("results")
    places = [("idol", "near"), ("idol", "far"), ("minvis", "near")]
    for motion, swaps in (("none", 3), ("instmove", 1)):
        write_tracking(root, dataset, {Result(*place, motion, 0): swaps for place in places})
    return root


@pytest.fixture(scope="module")
def table(folder: Path) -> Path:
    path = folder / "grid_full_tidy.csv"
    write_text(path, tidy_csv(description_of(SETUP, FULL_GRID), Measurements(folder, draws=30), seed=0))
    return path


def drawn_the_same_twice(draw: Callable[[Path], None], folder: Path) -> str:
    draw(folder / "a")
    draw(folder / "b")
    for suffix in ("png", "svg"):
        assert (folder / f"a.{suffix}").read_bytes() == (folder / f"b.{suffix}").read_bytes()
    return (folder / "a.svg").read_text()


def test_gains_have_a_panel_for_each_benchmark(table: Path, tmp_path: Path) -> None:
    lines = read_lines(table, {})
    assert len(lines) == 6
    names = SETUP["grid"]["benchmarks"]
    text = drawn_the_same_twice(lambda path: plot_gains(lines, names, "gains", path), tmp_path)
    assert all(f">{word}<" in text for word in ("IDOL", "MinVIS", "Near", "Far", "InstMove"))
    assert ">RAFT<" not in text


def test_sparsity_has_a_panel_for_each_host(table: Path, tmp_path: Path) -> None:
    lines = read_lines(table, {})
    text = drawn_the_same_twice(lambda path: plot_sparsity(lines, {"near": 1, "far": 5}, "AP", path), tmp_path)
    assert all(f">{word}<" in text for word in ("IDOL", "MinVIS", "InstMove", "1", "5"))


def test_without_results_the_plots_are_empty(tmp_path: Path) -> None:
    plot_gains([], {"near": "Near"}, "t", tmp_path / "gains")
    plot_sparsity([], {}, "t", tmp_path / "sparsity")
    plot_video_gains({}, "AP", "t", tmp_path / "videos")
    plot_track_strips([], "t", tmp_path / "tracks")
    assert len(list(tmp_path.glob("*.png"))) == 4


def test_a_file_that_is_no_long_csv_is_an_error_that_names_it(tmp_path: Path) -> None:
    write_text(tmp_path / "x.csv", "a,b\n1,2\n")
    for name in ("x", "missing"):
        with pytest.raises(InstMoveError, match=rf"{name}\.csv: not the long CSV of a table"):
            read_lines(tmp_path / f"{name}.csv", {})


def content(**values: float | None) -> dict[str, Any]:
    return {"per_sequence": {name: {"AP": {"value": value}} for name, value in values.items()}}


def test_gains_of_videos_are_sorted_and_videos_without_objects_left_out() -> None:
    before = content(a=0.5, b=0.5, c=0.25, d=None, e=0.5)
    after = content(a=0.75, b=0.0, c=0.25, d=None, e=1.0)
    gains = gains_of(after, before)
    assert list(gains.items()) == [("b", -0.5), ("c", 0.0), ("a", 0.25), ("e", 0.5)]
    assert extremes(gains, 1) == (["b"], ["e"])
    assert extremes(gains, 3) == (["b"], ["e", "a"])


def test_videos_are_drawn_for_each_host(folder: Path, tmp_path: Path) -> None:
    results = [read_json(folder / Result("idol", "near", motion, 0).path) for motion in ("none", "instmove")]
    gains = {"IDOL": gains_of(results[1], results[0])}
    text = drawn_the_same_twice(lambda path: plot_video_gains(gains, "AP", "videos", path), tmp_path)
    losses, most = extremes(gains["IDOL"], 8)
    assert all(f">{video}<" in text for video in (*losses, *most))
    assert f"{len(most)} gained, {len(losses)} lost" in text


def test_filmstrips_show_the_chosen_videos_with_every_result(dataset: Dataset, folder: Path, tmp_path: Path) -> None:
    files = {motion: folder / Result("idol", "near", motion, 0).path for motion in ("none", "instmove")}
    scenes = scenes_of(dataset, {"video2": 0.25, "video0": -0.5}, files)
    text = drawn_the_same_twice(lambda path: plot_track_strips(scenes, "tracks", path), tmp_path)
    assert ">video2: AP +25.0<" in text and ">video0: AP -50.0<" in text
    assert text.count("switch") == 4


def test_switches_are_counted_and_boxed(dataset: Dataset, tmp_path: Path) -> None:
    video = dataset.load("video0")
    assert video.tracks is not None
    left, right = rectangle(2, 5, 10, 10), rectangle(30, 5, 10, 10)
    truths = tuple(
        type(video.tracks[0])(number, 1, (mask,) * len(video)) for number, mask in enumerate((left, right), 1)
    )
    straight = [TrackPrediction(1, 0.9, track.masks) for track in truths]
    crossed = [TrackPrediction(1, 0.9, (*one.masks[:4], *other.masks[4:])) for one, other in (straight, straight[::-1])]
    scene = Scene(type(video)(**vars(video) | {"tracks": truths}), "swap", {"none": crossed, "instmove": straight})
    plot_track_strips([scene], "t", tmp_path / "t")
    text = (tmp_path / "t.svg").read_text()
    assert ">2 switches<" in text and ">0 switches<" in text
    assert text.count("stroke: #ff0000") == 2
    assert ">frame 3<" in text and ">frame 4<" in text


def test_a_result_without_any_track_is_drawn_too(dataset: Dataset, tmp_path: Path) -> None:
    video = dataset.load(dataset.names[0])
    plot_track_strips([Scene(video, "nothing", {"no motion": []})], "t", tmp_path / "strip")
    assert "0 switches" in (tmp_path / "strip.svg").read_text()
    images = {frame: video.image(frame) for frame in range(2)}
    assert draw_strip(video, [], video.tracks or (), images).shape[2] == 3


def test_marked_frames_come_first_then_those_before_them() -> None:
    assert choose_frames(20, [9, 15]) == [0, 4, 8, 9, 14, 15]
    assert choose_frames(4, []) == [0, 1, 2, 3]
    assert choose_frames(1, []) == [0]
    assert len(choose_frames(500, list(range(1, 400, 3)))) == FRAMES
