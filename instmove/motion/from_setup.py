"""Motion models and networks as a setup names them."""

from pathlib import Path
from typing import Any

import torch

from instmove.config import Setup, entry_of
from instmove.errors import InstMoveError
from instmove.motion.base import MotionModel
from instmove.motion.registry import build_motion
from instmove.network.base import InstMoveNetwork
from instmove.network.build import NetworkSettings, build_network
from instmove.network.checkpoint import load_frozen_features, load_imagenet
from instmove.network.initial import start_as_copy


def motion_of(setup: Setup, name: str, weights: Path | None, device: torch.device) -> MotionModel:
    """The motion model ``motion.models.<name>`` with its weights, None for those that are not trained."""
    entry = entry_of(setup["motion"], "models", name)
    kind = entry["kind"]
    if kind == "raft":
        flow = {key: setup["flow"][key] for key in ("longest", "iterations")}
        return build_motion(kind, weights=_required(weights, name), device=device, **flow)
    if kind == "instmove":
        return build_motion(kind, weights=_required(weights, name), device=device)
    return build_motion(kind, place=entry["class"]) if kind == "own" else build_motion(kind)


def new_network(
    motion: dict[str, Any], name: str, host_weights: Path | None = None
) -> tuple[InstMoveNetwork, NetworkSettings]:
    """A fresh network for ``models.<name>`` of a setup's ``motion`` section, from torch's global generator.

    Its image encoder starts from ImageNet where the section names a file with such weights; with ``image: fixed`` it
    is a copy of the one in a host's weights and never changes.
    """
    entry = entry_of(motion, "models", name)
    if entry["kind"] != "instmove":
        raise InstMoveError(f"motion.models.{name}: kind '{entry['kind']}' is not trained, only 'instmove' is")
    settings = NetworkSettings(entry["variant"], entry["image"], motion["width"], motion["canvas"], motion.get("crop"))
    if (settings.image == "fixed") != (host_weights is not None):
        raise InstMoveError(f"motion.models.{name}: --host-weights FILE goes with image: fixed, and only with it")
    fixed = None if host_weights is None else load_frozen_features(host_weights)
    network = build_network(settings.variant, settings.image, settings.width, fixed)
    start_as_copy(network)
    if "imagenet" in motion and settings.image == "full":
        load_imagenet(network, motion["imagenet"])
    return network, settings


def _required(weights: Path | None, name: str) -> Path:
    if weights is None:
        raise InstMoveError(f"motion model '{name}' needs weights; give --weights FILE, one a split")
    return weights
