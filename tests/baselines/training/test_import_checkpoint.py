"""The authors' checkpoints become ours, or the error lists what does not fit."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from tiny_ovis import write_tiny_ovis
from torch import Tensor

from baselines.checkpoints import load_host
from baselines.registry import host_named
from instmove.cli import main
from instmove.config import load_setup

NETWORK = load_setup("smoke")["hosts"]["minvis"]["network"]
Tensors = dict[str, Tensor]


@pytest.fixture
def official(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tensors:
    """A state dict for two classes and, in the working folder, the dataset that has them."""
    monkeypatch.chdir(tmp_path)
    write_tiny_ovis(Path("data"))
    torch.manual_seed(0)
    tensors: Tensors = host_named("minvis").build({"network": NETWORK}, 2).state_dict()
    return tensors


def imported(file: str) -> int:
    given = ("--setup", "smoke", "--set", "data_root=data", "--dataset", "ovis_train")
    return main(["import-checkpoint", "minvis", file, *given, "--output", "ours.safetensors"])


@pytest.mark.parametrize(
    "wrap",
    [
        dict,
        lambda tensors: {"model": tensors, "iteration": 3, "optimizer": {"lr": [0.1]}},
        lambda tensors: {"meta": {"epoch": 12}, "state_dict": tensors, "optimizer": {"lr": [0.1]}},
    ],
)
def test_a_checkpoint_becomes_ours(
    official: Tensors, wrap: Callable[[Tensors], object], capsys: pytest.CaptureFixture[str]
) -> None:
    torch.save(wrap(official | {"criterion.empty_weight": torch.ones(3)}), "official.pth")
    assert imported("official.pth") == 0
    said = f"ours.safetensors: {len(official)} tensors; knowingly unused: criterion.empty_weight\n"
    assert said in capsys.readouterr().out
    network, classes = load_host(Path("ours.safetensors"), "minvis", {"network": NETWORK})
    assert classes == ("animal", "plant")
    torch.testing.assert_close(network.state_dict(), official, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda t: t.pop("class_predictor.bias"), "missing keys: class_predictor.bias"),
        (lambda t: t.update({"sem_seg_head.extra": torch.ones(1)}), "unexpected keys: "),
        (
            lambda t: t.update({"class_predictor.bias": torch.ones(9)}),
            "wrong shapes: class_predictor.bias [9] instead of [3]",
        ),
    ],
)
def test_what_does_not_fit_is_listed(
    official: Tensors, change: Callable[[Tensors], object], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    change(official)
    torch.save(official, "official.pth")
    assert imported("official.pth") == 1
    error = capsys.readouterr().err
    assert error.startswith("instmove import-checkpoint: error: official.pth: ") and error.count("\n") == 1
    assert says in error and not Path("ours.safetensors").exists()


def test_a_file_without_a_state_dict_and_one_that_is_not_there(
    official: Tensors, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.save({"model": {"nested": official}}, "nested.pth")
    assert imported("nested.pth") == 1
    assert "nested.pth: holds no state dict" in capsys.readouterr().err
    assert imported("absent.pth") == 1
    assert "absent.pth: weights not found" in capsys.readouterr().err


@pytest.mark.parametrize("other", [name for name in load_setup("smoke")["hosts"] if name != "minvis"])
def test_the_weights_of_another_host(official: Tensors, other: str, capsys: pytest.CaptureFixture[str]) -> None:
    network = host_named(other).build(load_setup("smoke")["hosts"][other], 2)
    torch.save({"model": network.state_dict()}, "official.pth")
    assert imported("official.pth") == 1
    error = "instmove import-checkpoint: error: official.pth: found weights of {}, expected minvis's\n"
    assert capsys.readouterr().err == error.format(other)
    torch.save({"layer1.weight": torch.ones(3)}, "official.pth")
    assert imported("official.pth") == 1
    assert capsys.readouterr().err == error.format("no host of the setup")


@pytest.mark.parametrize("host", load_setup("smoke")["hosts"])
def test_another_number_of_classes(official: Tensors, host: str, capsys: pytest.CaptureFixture[str]) -> None:
    network = host_named(host).build(load_setup("smoke")["hosts"][host], 40)
    torch.save(network.state_dict(), "official.pth")
    given = ("--setup", "smoke", "--set", "data_root=data", "--dataset", "ovis_train", "--output", "ours.safetensors")
    assert main(["import-checkpoint", host, "official.pth", *given]) == 1
    said = "found weights for 40 classes, expected 2, the dataset's; take those trained on it\n"
    assert capsys.readouterr().err == f"instmove import-checkpoint: error: official.pth: {said}"


@pytest.mark.parametrize("share", [0.1, 0.9])
def test_a_truncated_download(official: Tensors, share: float, capsys: pytest.CaptureFixture[str]) -> None:
    torch.save(official, "official.pth")
    content = Path("official.pth").read_bytes()
    Path("official.pth").write_bytes(content[: int(share * len(content))])
    assert imported("official.pth") == 1
    error = capsys.readouterr().err
    assert "official.pth: cannot be read as weights (of " in error and error.endswith("; copy it again\n")
    assert error.count("\n") == 1
