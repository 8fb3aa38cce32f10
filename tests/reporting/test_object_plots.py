"""Plots of object segmentation."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_up import HEIGHT, ORIGIN, WIDTH, make_dataset

from instmove.datasets.labels import DAVIS, paint, write_ids
from instmove.datasets.vos_results import result_path, write_archive
from instmove.metrics.result_files import read_result, submission_path
from instmove.metrics.vos import score_sequence
from instmove.metrics.vos_files import write_vos_metrics
from instmove.metrics.vos_result import VosResult, vos_result
from instmove.reporting.object_plots import occluded_objects, plot_regions
from instmove.reporting.object_strips import object_scenes, plot_object_strips
from instmove.reporting.page.videos import read_videos, write_videos
from instmove.reporting.video_gains import gains_of
from instmove.video import Dataset


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Videos of one object, of id 1."""
    made = make_dataset(tmp_path_factory.mktemp("videos"), tracks=1)
    videos = {v.name: replace(v, tracks=tuple(replace(t, id=1) for t in v.tracks or ())) for v in made}
    return replace(made, load=videos.__getitem__)


def result(dataset: Dataset, late: int) -> VosResult:
    """The truth, ``late`` frames late."""
    scored = []
    for video in dataset:
        found = {t.id: (*(None,) * late, *t.masks[: len(video) - late]) for t in video.tracks or ()}
        scored += score_sequence(video, found, "ytvos")
    return vos_result(scored)


def test_objects_that_return_are_found_with_the_frames_they_are_hidden_in(dataset: Dataset) -> None:
    found = occluded_objects(dataset, result(dataset, 0))
    tracks = {f"{video.name}/{track.id}": track for video in dataset for track in video.tracks or ()}
    assert found and [len(each.hidden) for each in found] == sorted((len(each.hidden) for each in found), reverse=True)
    for each in found:
        assert all(tracks[each.name].masks[t] is None for t in each.hidden)
    shortened = replace(dataset, names=dataset.names[:1])
    assert {each.name for each in occluded_objects(shortened, result(dataset, 0))} <= {f"{dataset.names[0]}/1"}


@pytest.mark.parametrize("count", [0, 3])
def test_regions_are_drawn_the_same_twice(count: int, dataset: Dataset, tmp_path: Path) -> None:
    results = {name: result(dataset, late) for name, late in (("no motion", 1), ("instmove", 0))}
    for name in "ab":
        plot_regions(occluded_objects(dataset, results["instmove"])[:count], results, "t", tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert ("there are none" in (tmp_path / "a.svg").read_text()) == (count == 0)


@pytest.fixture(scope="module")
def files(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Metrics of a late result and of a good one; the masks beside either are the truth."""
    root, found = tmp_path_factory.mktemp("results"), {}
    for name, late in (("no motion", 1), ("instmove", 0)):
        found[name] = root / name / "seed0.json"
        write_vos_metrics(found[name], ORIGIN, result(dataset, late), "ytvos", draws=20)
        for video in dataset:
            for t in range(len(video)):
                labels = paint(video.tracks or (), t, HEIGHT, WIDTH)
                write_ids(result_path(root / f"{name} masks", video, t), labels, DAVIS)
        write_archive(root / f"{name} masks", submission_path(found[name]))
    return found


def test_the_page_s_videos_are_those_of_the_archives(dataset: Dataset, files: dict[str, Path], tmp_path: Path) -> None:
    before, after = files.values()
    write_videos(dataset, {"stcn": (before, after)}, tmp_path / "videos")
    videos = read_videos(tmp_path / "videos")["stcn"]
    assert sorted(video["name"] for video in videos) == sorted(dataset.names)
    for video in videos:
        assert video["metric"] == "J&F" and video["gain"] == video["values"][1] - video["values"][0] > 0
        assert video["switches"] == [0, 0]
        assert {share for share in video["kept"][1] if share is not None} == {1.0}, "true masks hold their objects"


def test_strips_show_truth_and_both_results(dataset: Dataset, files: dict[str, Path], tmp_path: Path) -> None:
    gains = gains_of(read_result(files["instmove"]), read_result(files["no motion"]))
    assert set(gains) == set(dataset.names) and min(gains.values()) > 0
    scenes = object_scenes(dataset, gains, files)
    assert [list(scene.labels) for scene in scenes] == [["truth", "no motion", "instmove"]] * len(gains)
    for scene in scenes:
        for t in scene.frames:
            assert np.array_equal(scene.labels["truth"][t], scene.labels["instmove"][t])
    plot_object_strips(scenes[:1], "t", tmp_path / "strips")
    plot_object_strips([], "t", tmp_path / "empty")
    assert f"{scenes[0].video.name}: J&amp;F +" in (tmp_path / "strips.svg").read_text()
