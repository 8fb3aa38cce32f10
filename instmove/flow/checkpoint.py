"""RAFT's weights on disk: the authors' files and our own."""

from dataclasses import asdict
from pathlib import Path

from instmove.flow.raft import Raft, RaftSettings
from instmove.network.checkpoint import load_strict, read_settings, read_weights, write_weights

METADATA_KEY = "raft"
"""Where a safetensors file of ours keeps the settings of the network, as JSON."""


def save_raft(path: Path | str, raft: Raft) -> None:
    """Write weights and settings as safetensors, atomically."""
    write_weights(path, raft, METADATA_KEY, asdict(raft.settings))


def load_raft(path: Path | str) -> Raft:
    """A network ready for inference, from ``.safetensors`` of ours or a released ``.pth``, keys matched strictly.

    The released files are bare state dicts of ``DataParallel(RAFT)``, every key with ``module.`` before it
    (train.py:138, 186-187); a file without the head of the upsampling weights is the small model's.
    """
    path = Path(path)
    tensors = {name.removeprefix("module."): value for name, value in read_weights(path).items()}
    if path.suffix == ".safetensors":
        settings = read_settings(path, METADATA_KEY, RaftSettings, "RAFT")
    else:
        settings = RaftSettings("large" if "update_block.mask.0.weight" in tensors else "small")
    raft = Raft(settings)
    load_strict(raft, tensors, path)
    return raft.eval()
