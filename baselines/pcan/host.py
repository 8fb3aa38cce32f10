"""PCAN as a baseline: the functions of ``baselines.interface.MotsHost``."""

from typing import Any

import torch

from baselines.interface import PlugIn
from baselines.pcan.checkpoint import convert
from baselines.pcan.network import NetworkSettings, PcanNetwork
from baselines.pcan.predictor import PcanPredictor
from baselines.pcan.task import PcanTask
from baselines.pcan.tracker import PcanTracker
from baselines.quasi_dense import QuasiDenseSettings
from baselines.settings import settings_of

__all__ = ["build", "convert", "predictor", "task", "tracker"]


def build(settings: dict[str, Any], classes: int) -> PcanNetwork:
    """A fresh network of the size that ``settings["network"]`` says."""
    return PcanNetwork(settings_of(NetworkSettings, settings["network"], "hosts.pcan.network"), classes)


def task(network: PcanNetwork, settings: dict[str, Any], identities: int) -> PcanTask:
    """The network with its losses; PCAN tells objects apart within a sample only."""
    return PcanTask(network)


def predictor(network: PcanNetwork, settings: dict[str, Any], device: torch.device | str) -> PcanPredictor:
    """The trained network at the test size ``settings["input"]``."""
    return PcanPredictor(network, **settings["input"], device=device)


def tracker(settings: dict[str, Any], network: PcanNetwork, plug_in: PlugIn | None) -> PcanTracker:
    """A tracker with the thresholds ``settings["tracker"]`` for one video.

    Give the same ``network`` to the trackers of all videos: its refine head remembers from one to the next.
    """
    return PcanTracker(
        settings_of(QuasiDenseSettings, settings["tracker"], "hosts.pcan.tracker"), plug_in, network.refine_head
    )
