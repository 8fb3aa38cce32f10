"""From frames on disk to a scored result, by the verbs of the workflow, with a host made for tests."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import fake_host
import pytest
import torch
from tiny_ovis import ANNOTATIONS, NAMES, write_tiny_ovis

from baselines import registry
from baselines.cache import index_path, video_path
from baselines.checkpoints import save_host
from instmove.cli import main
from instmove.config import load_setup
from instmove.datasets.splits import SplitVideo, make_split
from instmove.files import read_json, write_json
from instmove.metrics.result_files import ORIGIN_KEYS
from instmove.network.build import NetworkSettings, build_network
from instmove.network.checkpoint import save_network

Run = Callable[..., int]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with tiny OVIS, a split of two of its videos, and weights of a host in MinVIS's place."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(registry.HOSTS, "minvis", "fake_host")
    write_tiny_ovis(Path("data"))
    videos = [SplitVideo(name, tuple(range(7))) for name in NAMES[:2]]
    make_split("tiny", "ovis_train", videos).save(Path("split.json"))
    settings = load_setup("mini")["hosts"]["minvis"]
    save_host(Path("host.safetensors"), "minvis", fake_host.build(settings, 2), settings, ["animal", "plant"])
    return tmp_path


def run(*arguments: str) -> int:
    return main([*arguments, "--set", "data_root=data"])


def predict(*arguments: str, output: str = "predictions") -> int:
    given = ("--split", "split.json", "--weights", "host.safetensors", "--output", output)
    return run("predict", "minvis", "mini", *given, *arguments)


def associate(motion: str, *arguments: str, output: str = "") -> int:
    given = ("--split", "split.json", "--predictions", "predictions", "--checkpoint", "host.safetensors")
    place = output or f"out/{motion}/seed0.json"
    return run("associate", "minvis", "ovis_sub", motion, *given, "--output", place, *arguments)


def ap(motion: str) -> float:
    value: float = read_json(f"out/{motion}/seed0.json")["metrics"]["AP"]["value"]
    return value


def contents(folder: Path) -> dict[Path, bytes]:
    """All files but the records of runs."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".run.json")]
    return {path.relative_to(folder): path.read_bytes() for path in files}


def test_from_frames_to_scores(here: Path) -> None:
    assert predict() == 0
    index = read_json("predictions/index.json")
    assert index["videos"] == {"ant": 7, "bee": 7} and index["classes"] == ["animal", "plant"]
    record = read_json("predictions/index.run.json")
    assert record["frames"] == 14 and 0 < record["prediction_seconds"] < record["seconds"]

    for motion in ("none", "kalman", "oracle", "oracle_association"):
        assert associate(motion) == 0
    assert ap("oracle_association") == 1
    assert ap("none") < ap("oracle") < 1, "the first two frames have no motion to go by"

    result = read_json("out/kalman/seed0.json")
    assert set(result["origin"]) == {*ORIGIN_KEYS, "shared_digest"}
    origin = result["origin"]
    assert (origin["dataset"], origin["method"], origin["motion"]) == ("ovis_sub", "minvis", "kalman")
    assert origin["variant"]["model"] == "kalman" and origin["variant"]["past"] == [2, 4]
    assert list(origin["weights"]) == ["host"]
    record = read_json("out/kalman/seed0.run.json")
    assert record["frames"] == 14 and record["tracklet_predictions"] > 0
    assert record["motion_seconds"] > 0 and record["association_seconds"] > 0
    assert Path("out/kalman/seed0.results.zip").exists() and Path("out/kalman/seed0.samples.npz").exists()


def test_twice_is_byte_identical(here: Path) -> None:
    assert predict() == 0
    first = contents(here / "predictions")
    assert (
        run("predict", "minvis", "mini", "--split", "split.json", "--weights", "host.safetensors", "--output", "p") == 0
    )
    assert contents(here / "p") == first
    for folder in ("one", "two"):
        assert associate("kalman", output=f"{folder}/seed0.json") == 0
    assert contents(here / "one") == contents(here / "two")


def test_a_trained_motion_model(here: Path) -> None:
    torch.manual_seed(0)
    network = build_network("released", "full", 0.125)
    save_network("motion.safetensors", network, NetworkSettings("released", "full", 0.125, 32))
    assert predict() == 0
    assert associate("instmove", "--weights", "motion.safetensors") == 0
    result = read_json("out/instmove/seed0.json")
    assert sorted(result["origin"]["weights"]) == ["host", "motion"]
    assert associate("instmove_release", "--weights", "motion.safetensors") == 0
    assert read_json("out/instmove_release/seed0.json")["origin"]["variant"]["released"]


def test_predicts_again_what_is_broken_alone(here: Path) -> None:
    assert predict() == 0
    whole = contents(here / "predictions")
    broken = video_path(Path("predictions"), "ant")
    broken.write_bytes(broken.read_bytes()[:-50])
    index_path(Path("predictions")).unlink()
    assert predict() == 0
    assert contents(here / "predictions") == whole
    assert read_json("predictions/index.run.json")["frames"] == 7
    assert predict() == 0
    assert read_json("predictions/index.run.json")["frames"] == 7, "the record of what was computed last"


@pytest.fixture
def fails(here: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[int, str], None]:
    def check(status: int, says: str) -> None:
        assert status == 1
        (line,) = [line for line in capsys.readouterr().err.splitlines() if "error" in line]
        assert says in line
        assert not Path("out").exists() or not contents(here / "out")

    return check


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ("hosts.minvis.input={shortest: 64, longest: 160}", "index.json: predictions of other settings"),
        ("hosts.minvis.window=5", "index.json: predictions of other settings"),
        ("datasets.ovis_train.images=elsewhere", "index.json: predictions of other frames"),
    ],
)
def test_predictions_of_another_setup(changed: str, says: str, here: Path, fails: Callable[[int, str], None]) -> None:
    assert predict() == 0
    fails(associate("none", "--set", changed), says)


def test_predictions_of_other_weights(here: Path, fails: Callable[[int, str], None]) -> None:
    assert predict() == 0
    torch.manual_seed(1)
    settings = load_setup("mini")["hosts"]["minvis"]
    save_host(Path("host.safetensors"), "minvis", torch.nn.Linear(3, 2), settings, ["animal", "plant"])
    fails(associate("none"), "index.json: predictions of other weights")


def test_predictions_of_a_split_with_more_frames(here: Path, fails: Callable[[int, str], None]) -> None:
    """A host that looks at one frame at a time sees in it what it saw: its network does not run again."""
    whole, sparse = Path("split.json"), Path("sparse.json")
    make_split("sparse", "ovis_train", [SplitVideo(NAMES[0], (1, 3, 6))]).save(sparse)
    assert predict() == 0
    assert associate("kalman", "--split", "sparse.json", "--predicted", "split.json", output="one/m.json") == 0
    assert predict("--split", "sparse.json", output="own") == 0
    assert associate("kalman", "--split", "sparse.json", "--predictions", "own", output="two/m.json") == 0
    assert contents(here / "one") == contents(here / "two")
    assert read_json("one/m.run.json")["frames"] == 3
    sparse.rename(whole)
    make_split("more", "ovis_train", [SplitVideo(NAMES[0], (1, 2, 3, 6))]).save(sparse)
    assert predict() == 0
    fails(
        associate("none", "--split", "sparse.json", "--predicted", "split.json"), "split sparse: lacks frames of more"
    )


def test_a_host_that_looks_at_frames_in_order_needs_its_own_split(
    here: Path, monkeypatch: pytest.MonkeyPatch, fails: Callable[[int, str], None]
) -> None:
    monkeypatch.setitem(registry.MOTS_HOSTS, "minvis", "fake_host")
    make_split("sparse", "ovis_train", [SplitVideo(NAMES[0], (1, 3, 6))]).save(Path("sparse.json"))
    assert predict() == 0
    fails(associate("none", "--split", "sparse.json", "--predicted", "split.json"), "needs those of its split")


def test_predictions_of_another_split(here: Path, fails: Callable[[int, str], None]) -> None:
    assert predict() == 0
    make_split("tiny", "ovis_train", [SplitVideo(NAMES[0], (0, 2, 4))]).save(Path("split.json"))
    fails(associate("none"), "index.json: predictions of other frames")


def test_a_broken_video_stops_association(here: Path, fails: Callable[[int, str], None]) -> None:
    assert predict() == 0
    broken = video_path(Path("predictions"), "bee")
    broken.write_bytes(broken.read_bytes()[:-50])
    fails(associate("none"), "bee.zip: ")


def test_no_predictions_and_no_weights(here: Path, fails: Callable[[int, str], None]) -> None:
    fails(associate("none"), "predictions/index.json: no complete predictions")
    fails(predict("--weights", "nothing.safetensors"), "nothing.safetensors: weights not found")
    assert predict() == 0
    fails(associate("instmove"), "motion model 'instmove' needs weights")
    fails(associate("karman"), "'karman' is not under variants in the setup")


def withhold() -> None:
    content: dict[str, Any] = read_json(Path("data") / ANNOTATIONS)
    write_json(Path("data") / ANNOTATIONS, {key: value for key, value in content.items() if key != "annotations"})


def test_truth_that_the_server_has(here: Path, fails: Callable[[int, str], None]) -> None:
    withhold()
    assert predict() == 0
    fails(associate("oracle"), "ant: its ground truth is withheld")
    assert associate("kalman") == 0
    result = read_json("out/kalman/seed0.json")
    assert result["status"] == "submission" and result["metrics"]["AP"]["value"] is None
