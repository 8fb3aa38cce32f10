"""Weights of the hosts on disk: our safetensors, which say whose they are, of what size and for which classes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from torch import nn

from baselines.registry import host_named
from instmove.errors import InstMoveError
from instmove.network.checkpoint import load_strict, read_settings, read_weights, write_weights

METADATA_KEY = "host"


@dataclass(frozen=True)
class _Description:
    """What the weights are of."""

    host: str
    network: dict[str, Any]
    """``settings["network"]`` of the host."""
    classes: list[str]
    """Names in lower case; the network numbers its classes so, from 0."""


def save_host(path: Path, host: str, network: nn.Module, settings: dict[str, Any], classes: Sequence[str]) -> None:
    """Write a host's weights; ``settings`` are those of ``hosts.<host>``."""
    description = _Description(host, settings["network"], list(classes))
    write_weights(path, network, METADATA_KEY, asdict(description))


def load_host(path: Path, host: str, settings: dict[str, Any]) -> tuple[nn.Module, tuple[str, ...]]:
    """The network that :func:`save_host` wrote, in evaluation mode, and the names of its classes.

    Weights of another host, or of another size than ``settings["network"]`` says, are errors.
    """
    tensors = read_weights(path)
    found = read_settings(path, METADATA_KEY, _Description, "a host")
    if found.host != host:
        raise InstMoveError(f"{path}: weights of {found.host}, not of {host}")
    if found.network != settings["network"]:
        raise InstMoveError(
            f"{path}: weights of a network {found.network}; hosts.{host}.network in the setup is {settings['network']}"
        )
    network = host_named(host).build(settings, len(found.classes))
    load_strict(network, tensors, path)
    return network.eval(), tuple(found.classes)
