"""What the training of a motion model starts from."""

from pathlib import Path
from typing import Any

import pytest
import torch

from instmove.errors import InstMoveError
from instmove.motion.from_setup import new_network
from instmove.network.checkpoint import save_network


def section(**entry: Any) -> dict[str, Any]:
    """A setup's ``motion`` with one model, ``small``."""
    model = {"kind": "instmove", "variant": "released", "image": "none", **entry}
    return {"canvas": 32, "width": 0.0625, "models": {"small": model}}


def test_starts_from_weights_of_the_same_network(tmp_path: Path) -> None:
    torch.manual_seed(1)
    trained, settings = new_network(section(), "small")
    save_network(tmp_path / "trained.safetensors", trained, settings)
    torch.manual_seed(2)
    other, _ = new_network(section(), "small")
    again, _ = new_network(section(initial=str(tmp_path / "trained.safetensors")), "small")
    first = {name: value.clone() for name, value in trained.state_dict().items()}
    assert all(torch.equal(value, first[name]) for name, value in again.state_dict().items())
    assert not all(torch.equal(value, first[name]) for name, value in other.state_dict().items())


def test_weights_of_another_network_are_named(tmp_path: Path) -> None:
    wide, settings = new_network({**section(), "width": 0.125}, "small")
    save_network(tmp_path / "wide.safetensors", wide, settings)
    with pytest.raises(
        InstMoveError, match=r"wide\.safetensors: these are not the weights of this network; wrong shapes"
    ):
        new_network(section(initial=str(tmp_path / "wide.safetensors")), "small")
    with pytest.raises(InstMoveError, match=r"absent\.safetensors: weights not found"):
        new_network(section(initial=str(tmp_path / "absent.safetensors")), "small")
