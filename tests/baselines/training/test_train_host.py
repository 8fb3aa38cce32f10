"""From frames on disk to a host's weights, by the verbs of the workflow."""

import csv
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tiny_ovis import NAMES, write_tiny_ovis, write_withheld_ovis

from baselines.checkpoints import load_host
from baselines.official import start_from
from baselines.registry import host_named
from instmove.cli import main
from instmove.config import load_setup
from instmove.datasets.splits import SplitVideo, make_split
from instmove.errors import InstMoveError

NETWORK = load_setup("smoke")["hosts"]["minvis"]["network"] | {"hidden": 32, "queries": 4}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with tiny OVIS and a split of it to train on and one to validate on."""
    monkeypatch.chdir(tmp_path)
    write_tiny_ovis(Path("data"))
    for name, videos in (("train", NAMES[:4]), ("val", NAMES[4:6])):
        parts = [SplitVideo(video, tuple(range(7))) for video in videos]
        make_split(name, "ovis_train", parts).save(Path(f"{name}.json"))
    return tmp_path


def train(output: str, *settings: str, seed: int = 0) -> int:
    given = ("--splits", "train.json", "--val", "val.json", "--seed", str(seed), "--output", output)
    overrides = ("data_root=data", f"hosts.minvis.network={NETWORK}", *settings)
    return main(
        ["train-host", "minvis", "smoke", "--setup", "smoke", *given, *(a for s in overrides for a in ("--set", s))]
    )


def test_training_writes_weights_and_a_log(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train("out") == 0
    assert "28 frames with 8 objects of 2 classes" in capsys.readouterr().out
    rows = list(csv.DictReader(Path("out/log.csv").read_text().splitlines()))
    assert [row["iteration"] for row in rows] == ["1", "2"]
    assert 0 <= float(rows[-1]["validation_ap50"]) <= 1 and float(rows[0]["train_loss"]) > 0
    _, classes = load_host(Path("out/model.safetensors"), "minvis", {"network": NETWORK})
    assert classes == ("animal", "plant")
    assert sorted(path.name for path in Path("out").iterdir()) == ["log.csv", "model.safetensors", "training.run.json"]


def test_without_ground_truth_there_is_no_validation(here: Path) -> None:
    write_withheld_ovis(Path("data"))
    make_split("val", "ovis_valid", [SplitVideo("kid", tuple(range(7)))]).save(Path("val.json"))
    assert train("out") == 0
    header, *rows = Path("out/log.csv").read_text().splitlines()
    assert "validation" not in header and len(rows) == 2


def test_same_seed_same_bytes(here: Path) -> None:
    for folder, seed in (("a", 0), ("b", 0), ("c", 1)):
        assert train(folder, seed=seed) == 0
    first, again, other = (Path(folder, "model.safetensors").read_bytes() for folder in "abc")
    assert first == again != other


def test_starts_from_a_file_of_the_authors_but_for_other_classes(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    host = host_named("minvis")
    torch.manual_seed(1)
    official = host.build({"network": NETWORK}, 80).state_dict()
    torch.save({"model": official, "iteration": 7}, "coco.pth")
    still = "hosts.minvis.training={iterations: 1, batch_size: 2, lr: 1.0e-30}"
    assert train("out", "hosts.minvis.checkpoints.smoke.initial=coco.pth", still) == 0
    assert "started from coco.pth, but for class_predictor.weight, class_predictor.bias\n" in capsys.readouterr().out
    trained = load_file("out/model.safetensors")
    backbone = [name for name in official if name.startswith("backbone.")]
    assert backbone
    for name in backbone:
        torch.testing.assert_close(trained[name], official[name], rtol=0, atol=1e-6)


def test_a_network_keeps_what_a_file_lacks(here: Path) -> None:
    host = host_named("minvis")
    network = host.build({"network": NETWORK}, 2)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    lacked = {"class_predictor.weight", "backbone.stem.conv1.weight"}
    torch.save({name: value + 1 for name, value in before.items() if name not in lacked}, "part.pth")
    assert set(start_from(network, host, Path("part.pth"))) == lacked
    unchanged = {name for name, value in network.state_dict().items() if torch.equal(value, before[name])}
    assert unchanged == lacked


def test_a_file_of_which_little_fits_is_nothing_to_start_from(here: Path) -> None:
    host = host_named("minvis")
    torch.save({"class_predictor.bias": torch.tensor([1.0, 2.0, 3.0])}, "part.pth")
    with pytest.raises(InstMoveError, match=r"part\.pth: 1 of the network's \d+ tensors found, too few to start from"):
        start_from(host.build({"network": NETWORK}, 2), host, Path("part.pth"))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["train-host", "minvs", "smoke"], "baseline 'minvs' does not exist; there are minvis"),
        (["train-host", "minvis", "mini"], "'mini' is not under checkpoints in the setup; choose one of smoke"),
    ],
)
def test_what_there_is_not(here: Path, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    files = ["--splits", "train.json", "--val", "val.json", "--output", "out"]
    assert main([*arguments, "--setup", "smoke", "--set", "data_root=data", *files]) == 1
    assert says in capsys.readouterr().err
