"""From DAVIS and YouTube-VOS on disk to a scored segmentation, by the verbs of the workflow."""

from collections.abc import Callable, Iterator
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
import torch
from made_clips import box_clip
from PIL import Image

from baselines.stcn.checkpoint import load_stcn, save_stcn
from baselines.stcn.network import Stcn, StcnSettings
from baselines.stcn.segmentation import Segmenter
from instmove.cli import main
from instmove.datasets import davis, ytvos
from instmove.datasets.labels import PASCAL, Labels
from instmove.datasets.splits import SplitVideo, make_split
from instmove.files import read_json
from instmove.metrics.result_files import ORIGIN_KEYS
from instmove.metrics.vos import Protocol
from instmove.metrics.vos_files import load_objects
from instmove.network.build import NetworkSettings, build_network
from instmove.network.checkpoint import save_network
from instmove.video import Clip, Track, Video

LENGTH = 8
CATEGORIES = {1: "ape", 2: "fox"}
SIZES = {"base": 4, "key": 16, "value": 32, "decoder": 16}


def late_clip(name: str) -> Clip:
    """Object 2 comes in frame 2."""
    clip = box_clip(name, LENGTH, (48, 64))
    first, second = clip.tracks
    return Clip(name, clip.images, (first, Track(2, 2, (None, None, *second.masks[2:]))))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with videos of each dataset, splits of them, and weights of both branches and a motion model."""
    monkeypatch.chdir(tmp_path)
    for split, names in (("train", ("ant", "bee")), ("val", ("ant",))):
        davis.write_image_set(Path("data/DAVIS"), split, names)
    for name in ("ant", "bee"):
        davis.write_clip(Path("data/DAVIS"), box_clip(name, LENGTH, (48, 64)))
    for split, first_only in (("train", False), ("valid_all", False), ("valid", True)):
        entry = ytvos.write_clip(Path("data/YouTube"), split, late_clip("cat"), CATEGORIES, first_only)
        ytvos.write_meta(Path("data/YouTube"), split, {"cat": entry})
    for name, dataset, video in (("davis", "davis_val", "ant"), ("ytvos", "ytvos_valid_all", "cat")):
        make_split(name, dataset, [SplitVideo(video, tuple(range(LENGTH)))]).save(Path(f"{name}.json"))
    make_split("held", "ytvos_valid", [SplitVideo("cat", tuple(range(LENGTH)))]).save(Path("held.json"))
    for place, file in (("none", "plain"), ("stride4", "motion")):
        torch.manual_seed(0)
        save_stcn(Path(f"{file}.safetensors"), Stcn(StcnSettings(**SIZES, motion=place)))
    save_network(
        "instmove.safetensors", build_network("released", "full", 0.125), NetworkSettings("released", "full", 0.125, 32)
    )
    return tmp_path


def run(*arguments: str) -> int:
    return main([*arguments, "--setup", "smoke", "--set", "data_root=data"])


def segment(benchmark: str, motion: str, *arguments: str, split: str = "", output: str = "") -> int:
    branch = "plain" if motion == "none" else "motion"
    given = ("--splits", split or f"{benchmark}.json", "--checkpoint", f"{branch}.safetensors")
    return run("segment", benchmark, motion, *given, *arguments, "--output", output or f"{benchmark}/{motion}.json")


def test_given_masks_become_scores_and_an_archive(here: Path) -> None:
    assert segment("davis", "none") == 0
    result = read_json("davis/none.json")
    assert set(result["origin"]) == set(ORIGIN_KEYS)
    assert result["bootstrap"]["unit"] == "object" and sorted(result["per_sequence"]) == ["ant/1", "ant/2"]
    objects = load_objects(Path("davis/none.samples.npz"))
    assert objects.videos == ("ant/1", "ant/2")
    assert objects.frame.tolist() == 2 * list(range(1, LENGTH - 1)), "without the first and the last frame"
    values = [record["j_mean"]["value"] for record in result["per_sequence"].values()]
    assert result["metrics"]["j_mean"]["value"] == pytest.approx(np.mean(values))
    with ZipFile("davis/none.results.zip") as archive:
        assert archive.namelist() == [f"Annotations/ant/{t:05d}.png" for t in range(LENGTH)]
        with archive.open("Annotations/ant/00000.png") as handle:
            first = Image.open(handle)
            truth = box_clip("ant", LENGTH, (48, 64)).tracks
            assert first.mode == "P" and first.size == (64, 48)
            assert set(np.unique(first)) == {0, *(track.id for track in truth)}
    record = read_json("davis/none.run.json")
    assert record["frames"] == LENGTH and record["motion_seconds"] == 0 < record["prediction_seconds"]


def test_a_video_without_objects_has_no_result(here: Path) -> None:
    known = read_json("data/YouTube/valid_all/meta.json")["videos"]
    bare = Clip("eel", late_clip("eel").images, ())
    entry = ytvos.write_clip(Path("data/YouTube"), "valid_all", bare, CATEGORIES, False)
    ytvos.write_meta(Path("data/YouTube"), "valid_all", {**known, "eel": entry})
    videos = [SplitVideo(name, tuple(range(LENGTH))) for name in ("cat", "eel")]
    make_split("both", "ytvos_valid_all", videos).save(Path("both.json"))
    assert segment("ytvos", "none", split="both.json") == 0
    assert sorted(read_json("ytvos/none.json")["per_sequence"]) == ["cat/1", "cat/2"]
    with ZipFile("ytvos/none.results.zip") as archive:
        assert not any("eel" in name for name in archive.namelist())


@pytest.mark.parametrize("motion", ["kalman", "constant_velocity", "oracle"])
def test_any_motion_is_given_to_the_same_decoder(motion: str, here: Path) -> None:
    assert segment("ytvos", motion) == 0
    result = read_json(f"ytvos/{motion}.json")
    assert list(result["origin"]["weights"]) == ["stcn"] and result["origin"]["variant"]["model"] == motion
    assert {"g", "j_seen", "j_unseen", "f_seen", "f_unseen"} == set(result["metrics"])
    assert sorted(result["per_sequence"]) == ["cat/1", "cat/2"]
    assert read_json(f"ytvos/{motion}.run.json")["tracklet_predictions"] > 0


def test_instmove_and_twice_the_same_bytes(here: Path) -> None:
    for folder in ("one", "two"):
        assert segment("davis", "instmove", "--weights", "instmove.safetensors", output=f"{folder}/seed0.json") == 0
    files = [
        {path.name: path.read_bytes() for path in Path(folder).iterdir() if not path.name.endswith("run.json")}
        for folder in ("one", "two")
    ]
    assert files[0] == files[1] and len(files[0]) == 3
    assert sorted(read_json("one/seed0.json")["origin"]["weights"]) == ["motion", "stcn"]


def test_a_killed_run_goes_on_with_the_next_video(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both = [SplitVideo(name, tuple(range(LENGTH))) for name in ("ant", "bee")]
    make_split("davis", "davis_train", both).save(here / "both.json")
    assert segment("davis", "none", split="both.json", output="whole/none.json") == 0
    true, seen = Segmenter.segment, []

    def stopped(made: Segmenter, video: Video, protocol: Protocol) -> Iterator[tuple[int, Labels]]:
        seen.append(video.name)
        for t, labels in true(made, video, protocol):
            if len(seen) == 2 and t == 3:
                raise KeyboardInterrupt
            yield t, labels

    monkeypatch.setattr(Segmenter, "segment", stopped)
    with pytest.raises(KeyboardInterrupt):
        segment("davis", "none", split="both.json", output="killed/none.json")
    assert [path.name for path in here.glob("killed/.none.*.masks/*")] == ["ant"], "and nothing of bee"
    assert segment("davis", "none", split="both.json", output="killed/none.json") == 0
    assert seen == ["ant", "bee", "bee"]
    assert read_json("killed/none.run.json")["frames"] == LENGTH, "what this run did"
    for name in ("none.json", "none.results.zip", "none.samples.npz"):
        assert (here / "killed" / name).read_bytes() == (here / "whole" / name).read_bytes()
    assert not list(here.glob("killed/.none.*")), "nothing is left"


def test_what_a_killed_run_of_other_weights_had_finished_is_not_used(here: Path) -> None:
    stale = here / "davis/.none.0123456789abcdef.masks/ant"
    stale.mkdir(parents=True)
    assert segment("davis", "none") == 0
    assert not stale.exists() and read_json("davis/none.run.json")["frames"] == LENGTH


def test_withheld_truth_is_scored_by_the_server(here: Path) -> None:
    withheld = ("--set", "vos.benchmarks.ytvos.scored=server")
    assert segment("ytvos", "none", *withheld, split="held.json") == 0
    assert read_json("ytvos/none.json")["status"] == "submission"
    with ZipFile("ytvos/none.results.zip") as archive:
        assert archive.namelist() == [f"Annotations/cat/{5 * t:05d}.png" for t in range(LENGTH)]


def test_a_benchmark_may_keep_frames_at_its_own_rate(here: Path) -> None:
    """Frames of YouTube-VOS are five of the film apart."""
    for name, settings in (("usual", ()), ("own", ("benchmarks.ytvos.",)), ("shared", ("memory.",))):
        changed = [argument for where in settings for argument in ("--set", f"vos.{where}every=1")]
        assert segment("ytvos", "none", *changed, output=f"{name}/none.json") == 0
    usual, own, shared = (Path(name, "none.results.zip").read_bytes() for name in ("usual", "own", "shared"))
    assert own == shared and own != usual


def test_anybodys_results_are_scored(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert segment("davis", "none") == 0
    with ZipFile("davis/none.results.zip") as archive:
        archive.extractall("other")
    assert run("score-vos", "davis", "--splits", "davis.json", "--results", "other/Annotations") == 0
    shown = dict(line.rsplit(maxsplit=1) for line in capsys.readouterr().out.splitlines() if "/" not in line)
    expected = 100 * read_json("davis/none.json")["metrics"]["j_and_f"]["value"]
    assert float(shown["j_and_f"]) == pytest.approx(expected, abs=0.06)


@pytest.fixture
def fails(here: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[int, str], None]:
    def check(status: int, says: str) -> None:
        assert status == 1
        (line,) = [line for line in capsys.readouterr().err.splitlines() if "error" in line]
        assert says in line
        assert not list(Path().glob("davis/*"))

    return check


def spoil(kind: str) -> None:
    first = Path("data/DAVIS/Annotations/480p/ant/00000.png")
    if kind == "missing":
        first.unlink()
    elif kind == "empty":
        image = Image.open(first)
        blank = Image.fromarray(np.zeros((48, 64), dtype=np.uint8))
        blank.putpalette(image.getpalette() or [])
        blank.save(first)
    else:
        image = Image.fromarray(np.full((48, 64), 9, dtype=np.uint8))
        image.putpalette(PASCAL[:9].tobytes())
        image.save(first)


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("missing", "ant/00000.png"),
        ("empty", "ant: no object in its first mask, there is nothing to segment"),
        ("palette", "ant/00000.png: unknown palette"),
    ],
)
def test_a_bad_first_mask(kind: str, says: str, fails: Callable[[int, str], None]) -> None:
    spoil(kind)
    fails(segment("davis", "none"), says)


def test_the_wrong_branch_and_missing_weights(fails: Callable[[int, str], None]) -> None:
    fails(
        segment("davis", "none", "--checkpoint", "motion.safetensors"),
        "this network reads a motion mask; motion 'none'",
    )
    fails(segment("davis", "kalman", "--checkpoint", "plain.safetensors"), "has no convolution for a motion mask")
    fails(segment("davis", "instmove"), "motion model 'instmove' needs weights")
    fails(segment("davis", "instmove_release"), "is for minvis, not for stcn")
    fails(segment("daviss", "none", split="davis.json"), "'daviss' is not under benchmarks in the setup")


def test_training_from_pictures_to_both_branches(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    still = ("--splits", "davis.json", "ytvos.json")
    assert run("train-vos", "static", *still, "--output", "static") == 0
    clips = (*still, "--val", "davis.json", "--initial", "static/model.safetensors", "--seed", "1")
    assert run("train-vos", "plain", *clips, "--output", "a") == 0
    assert run("train-vos", "motion", *clips, "--motion-weights", "instmove.safetensors", "--output", "b") == 0
    plain, moving = (load_stcn(Path(folder, "model.safetensors")) for folder in "ab")
    assert (plain.settings.motion, moving.settings.motion) == ("none", "stride4")
    assert sorted(path.name for path in Path("b").iterdir()) == ["log.csv", "model.safetensors", "training.run.json"]
    assert run("train-vos", "plain", *clips, "--output", "c") == 0
    assert Path("a/model.safetensors").read_bytes() == Path("c/model.safetensors").read_bytes()
    assert run("train-vos", "plain", *clips, "--motion-weights", "instmove.safetensors", "--output", "d") == 1
    assert "goes with the branch that has motion only" in capsys.readouterr().err
