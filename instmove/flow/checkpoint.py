"""RAFT's weights on disk: the authors' files and our own."""

import json
from dataclasses import asdict
from pathlib import Path

from instmove.errors import InstMoveError
from instmove.files import atomic_path
from instmove.flow.raft import Raft, RaftSettings
from instmove.network.checkpoint import load_strict, read_tensors

METADATA_KEY = "raft"
"""Where a safetensors file of ours keeps the settings of the network, as JSON."""


def save_raft(path: Path | str, raft: Raft, half: bool = False) -> None:
    """Write weights and settings as safetensors, atomically; ``half`` stores float16, for weights that are shipped."""
    from safetensors.torch import save_file

    # cloned, because safetensors refuses the two names of one tensor that RAFT has
    tensors = {name: value.detach().cpu().clone() for name, value in raft.state_dict().items()}
    if half:
        tensors = {name: value.half() if value.is_floating_point() else value for name, value in tensors.items()}
    with atomic_path(path) as temporary:
        save_file(tensors, temporary, {METADATA_KEY: json.dumps(asdict(raft.settings), sort_keys=True)})


def load_raft(path: Path | str) -> Raft:
    """A network ready for inference, from ``.safetensors`` of ours or a released ``.pth``, keys matched strictly.

    The released files are bare state dicts of ``DataParallel(RAFT)``, every key with ``module.`` before it
    (train.py:138, 186-187); a file without the head of the upsampling weights is the small model's.
    """
    path = Path(path)
    tensors = {name.removeprefix("module."): value for name, value in read_tensors(path).items()}
    tensors = {name: value.float() if value.is_floating_point() else value for name, value in tensors.items()}
    if path.suffix == ".safetensors":
        settings = _read_settings(path)
    else:
        settings = RaftSettings("large" if "update_block.mask.0.weight" in tensors else "small")
    raft = Raft(settings)
    load_strict(raft, tensors, path)
    return raft.eval()


def _read_settings(path: Path) -> RaftSettings:
    from safetensors import safe_open

    with safe_open(path, framework="pt") as handle:
        described = (handle.metadata() or {}).get(METADATA_KEY)
    try:
        return RaftSettings(**json.loads(described or ""))
    except (TypeError, json.JSONDecodeError):
        raise InstMoveError(f"{path}: weights without RAFT's settings; was it written by 'instmove'?") from None
