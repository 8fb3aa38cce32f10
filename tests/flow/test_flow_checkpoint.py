"""Weights on disk: the released files, ours, and everything that is neither."""

import pickle
from pathlib import Path

import pytest
import torch
from parity import load_fixture, load_keys, seeded_state
from safetensors.torch import save_file

from instmove.errors import InstMoveError
from instmove.flow.checkpoint import load_raft, save_raft
from instmove.flow.raft import Raft, RaftSettings, Variant

TINY = RaftSettings("large", width=0.03, levels=2)


@pytest.mark.parametrize("variant", ["large", "small"])
def test_released_file(variant: Variant, tmp_path: Path) -> None:
    _, meta = load_fixture(f"raft_{variant}", "raft")
    state = seeded_state(load_keys(f"raft_{variant}", "raft"), meta)
    torch.save({f"module.{name}": value for name, value in state.items()}, tmp_path / "raft.pth")
    raft = load_raft(tmp_path / "raft.pth")
    assert raft.settings == RaftSettings(variant)
    assert not raft.training
    assert all(torch.equal(value, state[name]) for name, value in raft.state_dict().items())


def test_own_file_round_trips_and_is_reproducible(tmp_path: Path) -> None:
    raft = Raft(TINY)
    save_raft(tmp_path / "one.safetensors", raft)
    again = load_raft(tmp_path / "one.safetensors")
    assert again.settings == TINY
    assert all(torch.equal(value, raft.state_dict()[name]) for name, value in again.state_dict().items())
    save_raft(tmp_path / "two.safetensors", again)
    assert (tmp_path / "one.safetensors").read_bytes() == (tmp_path / "two.safetensors").read_bytes()


def test_missing_and_unexpected_keys_are_listed(tmp_path: Path) -> None:
    state = Raft(RaftSettings("small")).state_dict()
    state["fnet.extra"] = state.pop("fnet.conv2.bias")
    torch.save(state, tmp_path / "raft.pth")
    message = r"raft\.pth.*missing keys: fnet\.conv2\.bias.*unexpected keys: fnet\.extra"
    with pytest.raises(InstMoveError, match=message):
        load_raft(tmp_path / "raft.pth")


def test_wrong_shapes_are_listed(tmp_path: Path) -> None:
    state = Raft(RaftSettings("small")).state_dict()
    state["fnet.conv2.bias"] = torch.zeros(5)
    torch.save(state, tmp_path / "raft.pth")
    with pytest.raises(InstMoveError, match=r"wrong shapes: fnet\.conv2\.bias \[5\]"):
        load_raft(tmp_path / "raft.pth")


class Trap:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path, ("trap",)


def write_trap(path: Path) -> None:
    torch.save({"weight": Trap()}, path)


def write_plain_pickle(path: Path) -> None:
    path.write_bytes(pickle.dumps(Trap()))


def write_garbage(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 not a zip")


def write_empty(path: Path) -> None:
    path.write_bytes(b"")


def write_nested(path: Path) -> None:
    torch.save({"state_dict": {"weight": torch.zeros(1)}}, path)


def write_list(path: Path) -> None:
    torch.save([torch.zeros(1)], path)


WRITERS = [write_trap, write_plain_pickle, write_garbage, write_empty, write_nested, write_list]


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
@pytest.mark.parametrize("write", WRITERS)
def test_other_files_are_refused_in_one_line(write: object, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"raft{suffix}"
    write(path)  # type: ignore[operator]
    with pytest.raises(InstMoveError) as caught:
        load_raft(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("metadata", [None, {"raft": "{}x"}, {"raft": '{"depth": 3}'}])
def test_safetensors_without_settings_are_refused(metadata: dict[str, str] | None, tmp_path: Path) -> None:
    path = tmp_path / "raft.safetensors"
    save_file({"weight": torch.zeros(1)}, path, metadata)
    with pytest.raises(InstMoveError, match=r"raft\.safetensors.*settings"):
        load_raft(path)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InstMoveError, match="not found"):
        load_raft(tmp_path / "raft.pth")
