"""Loading and saving; every refusal is one line that names the file."""

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from parity import load_keys
from safetensors.torch import save_file
from torch import Tensor

from instmove.errors import InstMoveError
from instmove.network.backbone import Norm, ResNet
from instmove.network.build import NetworkSettings, build_network
from instmove.network.checkpoint import (
    load_frozen_features,
    load_imagenet,
    load_network,
    load_released,
    read_tensors,
    save_network,
    write_halved,
)

SETTINGS = NetworkSettings("released", "full", 0.125, 32)


def official(prefix: str = "module.") -> dict[str, Tensor]:
    """A state dict of the official shapes that takes no room on disk."""
    return {prefix + key: torch.ones(1).expand(shape) for key, (shape, _) in load_keys("instmove", "instmove").items()}


def refusal(action: Callable[[], object]) -> str:
    with pytest.raises(InstMoveError) as caught:
        action()
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_round_trip_is_exact_and_deterministic(tmp_path: Path) -> None:
    network = build_network(SETTINGS.variant, SETTINGS.image, SETTINGS.width)
    for name in ("a.safetensors", "b.safetensors"):
        save_network(tmp_path / name, network, SETTINGS)
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()
    loaded, settings = load_network(tmp_path / "a.safetensors")
    assert settings == SETTINGS and not loaded.training
    for key, value in network.state_dict().items():
        assert torch.equal(value, loaded.state_dict()[key])


def test_half_precision_halves_the_file(tmp_path: Path) -> None:
    network = build_network(SETTINGS.variant, SETTINGS.image, SETTINGS.width)
    save_network(tmp_path / "full.safetensors", network, SETTINGS)
    write_halved(tmp_path / "half.safetensors", tmp_path / "full.safetensors")
    full, half = ((tmp_path / f"{name}.safetensors").stat().st_size for name in ("full", "half"))
    assert half < 0.6 * full
    loaded, _ = load_network(tmp_path / "half.safetensors")
    for key, value in loaded.state_dict().items():
        assert value.dtype == torch.float32
        assert torch.equal(value, network.state_dict()[key].half().float())


@pytest.mark.parametrize("antialias", [False, True])
def test_settings_survive_and_files_without_smoothing_are_those_of_before(tmp_path: Path, antialias: bool) -> None:
    settings = NetworkSettings("released", "none", 0.125, 32, antialias=antialias)
    save_network(tmp_path / "a.safetensors", build_network("released", "none", 0.125), settings)
    assert load_network(tmp_path / "a.safetensors")[1] == settings
    assert (b"antialias" in (tmp_path / "a.safetensors").read_bytes()) is antialias


def test_the_official_file_loads(tmp_path: Path) -> None:
    state = official()
    state["module.encoder_img.body.bn1.num_batches_tracked"] = torch.tensor(7)
    torch.save(state, tmp_path / "motion_model.pth")
    network = load_released(tmp_path / "motion_model.pth")
    assert all((value == 1).all() for value in network.state_dict().values())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s: s.pop("module.memory.memory_w"), "missing keys: memory.memory_w"),
        (lambda s: s.update({"module.extra": torch.ones(1)}), "unexpected keys: extra"),
        (
            lambda s: s.update({"module.memory.memory_w": torch.ones(100, 256)}),
            r"wrong shapes: memory.memory_w [100, 256] instead of [100, 512]",
        ),
    ],
)
def test_another_network_is_refused(tmp_path: Path, change: Callable[[dict], object], said: str) -> None:
    state = official()
    change(state)
    torch.save(state, tmp_path / "motion_model.pth")
    message = refusal(lambda: load_released(tmp_path / "motion_model.pth"))
    assert "motion_model.pth" in message and message.endswith(said)


def test_imagenet_weights_reach_the_trunk(tmp_path: Path) -> None:
    prefix = "encoder_img.body."
    state = {key.removeprefix(prefix): 0.5 * value for key, value in official("").items() if key.startswith(prefix)}
    state |= {"fc.weight": torch.ones(1000, 2048), "bn1.num_batches_tracked": torch.tensor(1)}
    torch.save(state, tmp_path / "resnet50.pth")
    network = build_network("paper", "full", 1.0)
    load_imagenet(network, tmp_path / "resnet50.pth")
    assert all((value == 0.5).all() for value in network.encoder_img.state_dict().values())

    del state["layer2.3.conv3.weight"]
    torch.save(state, tmp_path / "resnet50.pth")
    assert refusal(lambda: load_imagenet(network, tmp_path / "resnet50.pth")).endswith("layer2.3.conv3.weight")
    blind = build_network("paper", "none", 0.125)
    assert "'full'" in refusal(lambda: load_imagenet(blind, tmp_path / "resnet50.pth"))


class Payload:
    """What a malicious pickle would do."""

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return (pytest.fail, ("the pickle was executed",))


def test_pickles_of_other_things_are_refused(tmp_path: Path) -> None:
    torch.save({"weights": Payload()}, tmp_path / "torch.pth")
    (tmp_path / "plain.pth").write_bytes(pickle.dumps(Payload(), protocol=2))
    torch.save({"model": {"a": torch.ones(1)}}, tmp_path / "nested.pth")
    torch.save([torch.ones(1)], tmp_path / "list.pth")
    for name in ("torch.pth", "plain.pth", "nested.pth", "list.pth"):
        message = refusal(lambda name=name: read_tensors(tmp_path / name))
        assert name in message and "refused" in message


@pytest.mark.parametrize("name", ["weights.pth", "weights.safetensors"])
def test_broken_and_missing_files(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    assert refusal(lambda: read_tensors(path)) == f"{path}: weights not found"
    tensors = {"a": torch.ones(1000)}
    torch.save(tensors, path) if path.suffix == ".pth" else save_file(tensors, path)
    whole = path.read_bytes()
    for size in (0, 5, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        assert name in refusal(lambda: read_tensors(path))


def test_files_without_settings_are_refused(tmp_path: Path) -> None:
    save_file({"a": torch.ones(1)}, tmp_path / "foreign.safetensors")
    torch.save({"a": torch.ones(1)}, tmp_path / "foreign.pth")
    for name in ("foreign.safetensors", "foreign.pth"):
        assert "settings" in refusal(lambda name=name: load_network(tmp_path / name))


@pytest.mark.parametrize("norm", ["group", "batch", "frozen"])
def test_fixed_features_are_a_copy_of_a_hosts_first_stages(tmp_path: Path, norm: Norm) -> None:
    torch.manual_seed(0)
    host = ResNet(8, (1, 2, 1, 1), norm).eval()
    tensors = {f"model.backbone.{key}": value for key, value in host.state_dict().items()}
    save_file(tensors | {"model.head.weight": torch.ones(1)}, tmp_path / "host.safetensors")
    fixed = load_frozen_features(tmp_path / "host.safetensors")
    network = build_network("released", "fixed", 0.125, fixed)
    save_network(tmp_path / "x.safetensors", network, NetworkSettings("released", "fixed", 0.125, 32))
    loaded, _ = load_network(tmp_path / "x.safetensors")
    images = torch.randn(2, 3, 32, 32)
    for features in (fixed(images), loaded.encode_image(images)):
        torch.testing.assert_close(features, host(images)[:2])
    assert not any(parameter.requires_grad for parameter in fixed.parameters())


def test_fixed_features_of_something_else_are_refused(tmp_path: Path) -> None:
    save_file({"a": torch.ones(1)}, tmp_path / "x.safetensors")
    assert "no ResNet in it" in refusal(lambda: load_frozen_features(tmp_path / "x.safetensors"))
