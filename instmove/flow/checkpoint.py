"""RAFT's weights on disk: the authors' files and our own."""

import json
import pickle
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor

from instmove.errors import InstMoveError
from instmove.files import atomic_path
from instmove.flow.raft import Raft, RaftSettings

State = dict[str, Tensor]
METADATA_KEY = "raft"
"""Where a safetensors file of ours keeps the settings of the network, as JSON."""


def save_raft(path: Path | str, raft: Raft) -> None:
    """Write weights and settings as safetensors, atomically; equal weights are equal bytes."""
    from safetensors.torch import save_file

    state = {name: value.detach().cpu().clone().contiguous() for name, value in raft.state_dict().items()}
    with atomic_path(path) as temporary:
        save_file(state, temporary, {METADATA_KEY: json.dumps(asdict(raft.settings), sort_keys=True)})


def load_raft(path: Path | str) -> Raft:
    """Read a network ready for inference: ``.safetensors`` of ours, else a released ``.pth`` (train.py:186-187)."""
    path = Path(path)
    if not path.is_file():
        raise InstMoveError(f"{path}: RAFT weights not found; train or download them first")
    settings, state = _read_own(path) if path.suffix == ".safetensors" else _read_released(path)
    raft = Raft(settings)
    _check_keys(path, state, raft.state_dict())
    raft.load_state_dict(state)
    return raft.eval()


def _read_own(path: Path) -> tuple[RaftSettings, State]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as handle:
            described = (handle.metadata() or {}).get(METADATA_KEY)
            state = {name: handle.get_tensor(name) for name in handle.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise InstMoveError(f"{path}: not a safetensors file ({error}); copy it again") from None
    if described is None:
        raise InstMoveError(f"{path}: no '{METADATA_KEY}' settings in its metadata; it is not a RAFT of this project")
    try:
        return RaftSettings(**json.loads(described)), state
    except (TypeError, json.JSONDecodeError):
        raise InstMoveError(
            f"{path}: metadata '{METADATA_KEY}' is {described}, not RAFT settings; train again"
        ) from None


def _read_released(path: Path) -> tuple[RaftSettings, State]:
    """A bare state dict of ``DataParallel(RAFT)``: every key begins with ``module.``."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, EOFError, RuntimeError) as error:
        reason = str(error).split("\n", 1)[0]
        raise InstMoveError(f"{path}: not a file of plain tensors ({reason}); use the released RAFT weights") from None
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise InstMoveError(f"{path}: holds {type(state).__name__}, not named tensors; use the released RAFT weights")
    state = {name.removeprefix("module."): value for name, value in state.items()}
    return RaftSettings.official("large" if "update_block.mask.0.weight" in state else "small"), state


def _check_keys(path: Path, state: State, expected: State) -> None:
    missing, unexpected = sorted(expected.keys() - state.keys()), sorted(state.keys() - expected.keys())
    if missing or unexpected:
        raise InstMoveError(f"{path}: not these RAFT weights; missing keys {missing}, unexpected keys {unexpected}")
    wrong = [f"{name} {list(state[name].shape)}" for name in expected if state[name].shape != expected[name].shape]
    if wrong:
        raise InstMoveError(f"{path}: not these RAFT weights; unexpected shapes {', '.join(wrong)}")
