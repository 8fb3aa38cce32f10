"""The authors' weights of a host under our names."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from baselines.interface import NetworkHost
from instmove.errors import InstMoveError
from instmove.network.checkpoint import is_state_dict, load_strict, read_torch

WRAPPERS = ("model", "state_dict")
"""Where checkpoints of detectron2 and YOLOX, and of mmcv, hold the state dict."""


def read_official(path: Path) -> dict[str, Tensor]:
    """A bare state dict, or what a checkpoint holds under one of WRAPPERS."""
    content = read_torch(path)
    if isinstance(content, Mapping):
        content = next((content[key] for key in WRAPPERS if key in content), content)
    if not is_state_dict(content):
        places = " nor under ".join(f"'{key}'" for key in WRAPPERS)
        raise InstMoveError(f"{path}: holds no state dict, neither itself nor under {places}; is it the authors' file?")
    return dict(content)


def load_official(network: nn.Module, host: NetworkHost, path: Path) -> list[str]:
    """Fill the network; a missing, surprising or misshapen tensor is an error that lists it.

    Returns the names of the file's tensors that are knowingly unused.
    """
    tensors, unused = host.convert(read_official(path))
    load_strict(network, tensors, path)
    return unused


@torch.no_grad()
def start_from(network: nn.Module, host: NetworkHost, path: Path) -> list[str]:
    """Copy what fits, for training on other classes; returns the parameters that stay as they were drawn.

    detectron2's checkpointer, too, leaves out tensors whose shapes do not fit.
    """
    tensors, _ = host.convert(read_official(path))
    own = network.state_dict()
    fitting = {key for key, value in own.items() if key in tensors and tensors[key].shape == value.shape}
    for key in fitting:
        own[key].copy_(tensors[key])
    return [key for key, _ in network.named_parameters() if key not in fitting]
