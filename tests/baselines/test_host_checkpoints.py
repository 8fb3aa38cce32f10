"""Weights of hosts say what they are."""

from pathlib import Path
from typing import Any

import fake_host
import pytest
import torch

from baselines import registry
from baselines.checkpoints import load_host, save_host
from instmove.config import host_settings, load_setup
from instmove.errors import InstMoveError
from instmove.network.build import NetworkSettings, build_network
from instmove.network.checkpoint import save_network, write_halved
from instmove.weights import SHIPPED

SETTINGS: dict[str, Any] = {"network": {"queries": 20}, "window": 3}
CLASSES = ("cat", "dog")


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(registry.HOSTS, "fake", "fake_host")
    save_host(tmp_path / "fake.safetensors", "fake", fake_host.build(SETTINGS, 2), SETTINGS, CLASSES)
    return tmp_path / "fake.safetensors"


def test_round_trip(weights: Path) -> None:
    network, classes = load_host(weights, "fake", SETTINGS)
    assert classes == CLASSES and not network.training
    torch.testing.assert_close(network.state_dict(), fake_host.build(SETTINGS, 2).state_dict(), rtol=0, atol=0)


def test_shipped_in_half_precision_used_in_single(weights: Path) -> None:
    network, _ = load_host(weights, "fake", SETTINGS)
    half = weights.with_name("half.safetensors")
    write_halved(half, weights)
    assert half.stat().st_size < weights.stat().st_size
    found, _ = load_host(half, "fake", SETTINGS)
    for name, value in found.state_dict().items():
        assert value.dtype == torch.float32
        torch.testing.assert_close(value, network.state_dict()[name].half().float(), rtol=0, atol=0)


def test_of_another_host(weights: Path) -> None:
    with pytest.raises(InstMoveError, match=r"fake\.safetensors: weights of fake, not of idol"):
        load_host(weights, "idol", SETTINGS)


def test_of_another_size(weights: Path) -> None:
    with pytest.raises(
        InstMoveError, match=r"of a network \{'queries': 20\}; hosts\.fake\.network in the setup is \{\}"
    ):
        load_host(weights, "fake", SETTINGS | {"network": {}})


def test_of_something_else(tmp_path: Path) -> None:
    path = tmp_path / "motion.safetensors"
    save_network(path, build_network("paper", "none", 0.125), NetworkSettings("paper", "none", 0.125, 32))
    with pytest.raises(InstMoveError, match=r"motion\.safetensors: weights without a host's settings"):
        load_host(path, "minvis", SETTINGS)
    with pytest.raises(InstMoveError, match=r"nothing\.safetensors: weights not found"):
        load_host(tmp_path / "nothing.safetensors", "minvis", SETTINGS)


@pytest.mark.parametrize("host", load_setup("mini")["hosts"])
def test_shipped_weights_are_of_the_networks_that_mini_describes(host: str) -> None:
    network, classes = load_host(SHIPPED / f"{host}.safetensors", host, host_settings(load_setup("mini"), host, "mini"))
    assert classes and all(value.isfinite().all() for value in network.state_dict().values())
