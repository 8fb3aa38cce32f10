"""Unicorn as a baseline: the functions of ``baselines.interface.MotsHost``."""

from typing import Any

import torch

from baselines.interface import PlugIn
from baselines.quasi_dense import QuasiDenseSettings, QuasiDenseTracker
from baselines.settings import settings_of
from baselines.unicorn.checkpoint import convert
from baselines.unicorn.network import NetworkSettings, UnicornNetwork
from baselines.unicorn.predictor import UnicornPredictor
from baselines.unicorn.task import UnicornTask

__all__ = ["build", "convert", "predictor", "task", "tracker"]


def build(settings: dict[str, Any], classes: int) -> UnicornNetwork:
    """A fresh network of the size that ``settings["network"]`` says."""
    return UnicornNetwork(settings_of(NetworkSettings, settings["network"], "hosts.unicorn.network"), classes)


def task(network: UnicornNetwork, settings: dict[str, Any], identities: int) -> UnicornTask:
    """The network with its losses, which compare identities within a sample only."""
    return UnicornTask(network)


def predictor(network: UnicornNetwork, settings: dict[str, Any], device: torch.device | str) -> UnicornPredictor:
    """The trained network at the test size ``settings["input"]``, ``height`` and ``width``."""
    return UnicornPredictor(network, **settings["input"], device=device)


def tracker(settings: dict[str, Any], network: UnicornNetwork, plug_in: PlugIn | None) -> QuasiDenseTracker:
    """The quasi-dense tracker with the thresholds ``settings["tracker"]``."""
    return QuasiDenseTracker(settings_of(QuasiDenseSettings, settings["tracker"], "hosts.unicorn.tracker"), plug_in)
