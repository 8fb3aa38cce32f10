"""A tiny mini benchmark: same bytes however it is made, readable by the readers, sane, and never over others' data."""

import hashlib
import json
import shutil

import numpy as np
import pytest

from instmove.config import load_setup
from instmove.datasets.catalog import open_dataset
from instmove.datasets.places import dataset_places
from instmove.datasets.synthetic.build import build_mini, generator_digest
from instmove.datasets.synthetic.clips import category_ids, clip_name, render_clip
from instmove.datasets.synthetic.layouts import LAYOUTS
from instmove.datasets.synthetic.recipes import RECIPES, ROADS
from instmove.errors import InstMoveError

SIZES = {
    world: {"videos": 2, "frames": [4, 5]} if world in ("ovis_train", "bdd_val") else {"videos": 1, "frames": [3, 3]}
    for world in LAYOUTS
}


def contents(root):
    """Digest of every file but the readers' indices."""
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


@pytest.fixture(scope="module")
def mini(tmp_path_factory):
    root = tmp_path_factory.mktemp("mini")
    return root, build_mini(root, 5, SIZES, workers=1)


def test_two_processes_write_the_same_bytes(mini, tmp_path):
    root, manifest = mini
    assert build_mini(tmp_path, 5, SIZES, workers=2) == manifest
    assert contents(tmp_path) == contents(root)


def test_another_seed_is_another_benchmark():
    first, second = render_clip(0, "ovis_train", 0, (2, 2)), render_clip(1, "ovis_train", 0, (2, 2))
    assert first.name != second.name
    assert not np.array_equal(first.images, second.images)


def test_a_clip_does_not_depend_on_what_else_is_drawn(mini):
    root, _ = mini
    clip = render_clip(5, "ovis_train", 1, (4, 5))
    video = LAYOUTS["ovis_train"].open(root / "ovis").load(clip.name)
    assert video.tracks is not None
    assert [(t.category, t.masks) for t in video.tracks] == [(t.category, t.masks) for t in clip.tracks]


@pytest.mark.parametrize("world", LAYOUTS)
def test_the_setup_opens_what_was_written(mini, world):
    root, _ = mini
    entry = load_setup("mini")["datasets"][world]
    assert all(path.exists() for path in dataset_places(entry, root))
    dataset = open_dataset(world, entry, root)
    assert len(dataset) == SIZES[world]["videos"]
    for video in dataset:
        low, high = SIZES[world]["frames"]
        assert low <= len(video) <= high
        assert video.image(0).shape == (96, 160, 3)
        assert video.tracks and all(track.visible() for track in video.tracks)
        for t in range(len(video)):
            shown = [mask for track in video.tracks if (mask := track.mask(t)) is not None]
            assert not shown or np.sum(shown, axis=0).max() == 1
    assert (root / "contact_sheets" / f"{world}.png").stat().st_size > 1000


@pytest.mark.parametrize("world", [*RECIPES, *ROADS])
def test_categories_and_ids_are_those_of_the_layout(world):
    clips = [render_clip(8, world, k, (2, 2)) for k in range(2)]
    assert {track.category for clip in clips for track in clip.tracks} <= set(category_ids(world).values())
    for clip in clips:
        ids = [track.id for track in clip.tracks]
        assert ids and len(set(ids)) == len(ids) and min(ids) >= 1


def test_youtube_vos_validation_has_categories_that_training_lacks():
    training = set(RECIPES["ytvos_train"].categories)
    assert set(RECIPES["ytvos_valid"].categories) - training and set(RECIPES["ytvos_valid"].categories) & training


def test_validation_truth_of_youtube_vos_is_kept_apart(mini):
    root, _ = mini
    name = clip_name(5, "ytvos_valid", 0)
    assert json.loads((root / "YouTube" / "valid_all" / "meta.json").read_text())["videos"]
    whole = list((root / "YouTube" / "valid_all" / "Annotations" / name).iterdir())
    first = list((root / "YouTube" / "valid" / "Annotations" / name).iterdir())
    assert len(first) < len(whole) == 3


def test_a_second_run_changes_nothing_and_a_missing_file_is_drawn_again(mini, tmp_path):
    sizes = {"davis_train": {"videos": 1, "frames": [2, 2]}}
    first = build_mini(tmp_path, 0, sizes)
    frame = next((tmp_path / "DAVIS").rglob("*.jpg"))
    stamp = frame.stat().st_mtime_ns
    assert build_mini(tmp_path, 0, sizes) == first
    assert frame.stat().st_mtime_ns == stamp
    frame.unlink()
    assert build_mini(tmp_path, 0, sizes) == first
    assert frame.exists()
    assert build_mini(tmp_path, 1, sizes)["seed"] == 1
    assert not list(tmp_path.rglob("*.partial*"))


def test_other_peoples_data_is_never_replaced(tmp_path):
    (tmp_path / "DAVIS" / "JPEGImages").mkdir(parents=True)
    with pytest.raises(InstMoveError, match=r"DAVIS.*not written by make-mini"):
        build_mini(tmp_path, 0, {"davis_val": {"videos": 1, "frames": [2, 2]}})
    assert (tmp_path / "DAVIS" / "JPEGImages").is_dir()


def test_a_crash_leaves_nothing_behind(tmp_path, monkeypatch):
    from instmove.datasets.synthetic import build

    monkeypatch.setattr(build, "measure_tracks", lambda tracks: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        build_mini(tmp_path, 0, {"davis_val": {"videos": 1, "frames": [2, 2]}})
    assert not (tmp_path / "DAVIS").exists() and not (tmp_path / "mini.json").exists()
    assert not list(tmp_path.glob(".*"))


def test_the_manifest_names_generator_seed_and_statistics(mini):
    root, manifest = mini
    assert json.loads((root / "mini.json").read_text()) == manifest
    assert manifest["generator"] == generator_digest() and manifest["seed"] == 5
    found = manifest["datasets"]["ovis"]["statistics"]["ovis_train"]
    assert found["tracks"] >= 1 and 0.3 < found["copy_1"] < 1


def test_the_crowded_world_is_crowded_and_moves():
    """Loose bounds on twelve clips: what matters is that nothing has collapsed."""
    from instmove.datasets.synthetic.measure import measure_tracks, summarise

    found = summarise(measure_tracks(render_clip(3, "ovis_train", k, (8, 8)).tracks) for k in range(12))
    assert 0.05 < found["occlusion"] < 0.45
    assert 0.5 < found["copy_1"] < 0.92
    assert found["copy_5"] < found["copy_1"] - 0.1
    assert 0.005 < found["area"][1] < 0.12
    assert 2 <= found["tracks"] <= 7


def test_make_mini_prints_the_table(tmp_path, capsys):
    from instmove.cli import main

    arguments = ["make-mini", "--output", str(tmp_path), "--only", "davis_val", "--workers", "1"]
    small = ["--set", "generate.sizes.davis_val={videos: 1, frames: [3, 3]}"]
    assert main(arguments + small) == 0
    out = capsys.readouterr().out
    assert "copy_1" in out and "davis_val" in out and generator_digest() in out
    assert main(["make-mini", "--only", "nothing"]) == 1
    assert "nothing" in capsys.readouterr().err
    shutil.rmtree(tmp_path / "DAVIS")
