"""The authors' weights of a host under our names."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from baselines.interface import NetworkHost
from baselines.registry import host_named
from instmove.errors import InstMoveError
from instmove.network.checkpoint import is_state_dict, load_strict, read_torch

WRAPPERS = ("model", "state_dict")
"""Where checkpoints of detectron2 and YOLOX, and of mmcv, hold the state dict."""
ENOUGH = 0.5
"""Share of a network's tensors that a file must have to be taken for its weights."""


def read_official(path: Path) -> dict[str, Tensor]:
    """A bare state dict, or what a checkpoint holds under one of WRAPPERS."""
    content = read_torch(path)
    if isinstance(content, Mapping):
        content = next((content[key] for key in WRAPPERS if key in content), content)
    if not is_state_dict(content):
        places = " nor under ".join(f"'{key}'" for key in WRAPPERS)
        raise InstMoveError(f"{path}: holds no state dict, neither itself nor under {places}; is it the authors' file?")
    return dict(content)


def load_official(hosts: Mapping[str, Any], name: str, classes: int, path: Path) -> tuple[nn.Module, list[str]]:
    """The network of a host with the authors' weights, and the names of the file's tensors that are knowingly unused.

    ``hosts`` is the section of a setup. The weights of another host or for another number of classes are an error that
    says so; a missing, surprising or misshapen tensor is one that lists it.
    """
    official = read_official(path)
    host, settings = host_named(name), hosts[name]
    tensors, unused = host.convert(official)
    network = host.build(settings, classes)
    try:
        load_strict(network, tensors, path)
    except InstMoveError as error:
        found, count = likeliest_host(hosts, official), class_count(name, settings, tensors)
        if found != name:
            problem = f"{path}: found weights of {found or 'no host of the setup'}, expected {name}'s"
        elif count not in (None, classes):
            wanted = f"expected {classes}, the dataset's; take those trained on it"
            problem = f"{path}: found weights for {count} classes, {wanted}"
        else:
            problem = str(error)
        raise InstMoveError(problem) from None
    return network, unused


def likeliest_host(hosts: Mapping[str, Any], official: Mapping[str, Tensor]) -> str | None:
    """The host whose names a state dict of the authors has most of, None if it has few of anybody's."""
    shares = {}
    for name, settings in hosts.items():
        converted, _ = host_named(name).convert(dict(official))
        own = _shapes(name, settings, 1)
        shares[name] = len(own.keys() & converted.keys()) / len(own)
    best = max(shares, key=lambda name: shares[name], default=None)
    return best if best is not None and shares[best] >= ENOUGH else None


def class_count(name: str, settings: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> int | None:
    """For how many classes the weights are, None if they do not agree; ``tensors`` have our names.

    Read off the tensors that grow with the number of classes, so no host has to say which these are.
    """
    one, two = (_shapes(name, settings, classes) for classes in (1, 2))
    counts = {
        1 + (tensors[key].shape[0] - one[key][0]) / (two[key][0] - one[key][0])
        for key in one
        if one[key] != two[key] and key in tensors and tensors[key].ndim
    }
    (count,) = counts if len(counts) == 1 else (None,)
    return int(count) if count is not None and count == int(count) else None


def _shapes(name: str, settings: Mapping[str, Any], classes: int) -> dict[str, torch.Size]:
    """Names and shapes of a host's network, which takes no memory."""
    with torch.device("meta"):
        network = host_named(name).build(dict(settings), classes)
    return {key: value.shape for key, value in network.state_dict().items()}


@torch.no_grad()
def start_from(network: nn.Module, host: NetworkHost, path: Path) -> list[str]:
    """Copy what fits, for training on other classes; returns the parameters that stay as they were drawn.

    detectron2's checkpointer, too, leaves out tensors whose shapes do not fit. A file of which little fits is an error:
    the training would start from nothing.
    """
    tensors, _ = host.convert(read_official(path))
    own = network.state_dict()
    fitting = {key for key, value in own.items() if key in tensors and tensors[key].shape == value.shape}
    if len(fitting) < ENOUGH * len(own):
        raise InstMoveError(
            f"{path}: {len(fitting)} of the network's {len(own)} tensors found, too few to start from; another host's?"
        )
    for key in fitting:
        own[key].copy_(tensors[key])
    return [key for key, _ in network.named_parameters() if key not in fitting]
