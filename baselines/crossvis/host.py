"""CrossVIS as a baseline: the functions of ``baselines.interface.Host``."""

from typing import Any

import torch

from baselines.crossvis.checkpoint import convert
from baselines.crossvis.network import CrossVisNetwork, NetworkSettings
from baselines.crossvis.predictor import CrossVisPredictor
from baselines.crossvis.task import CrossVisTask
from baselines.crossvis.tracker import CrossVisTracker, TrackerSettings
from baselines.interface import PlugIn
from baselines.settings import settings_of
from instmove.video import Video

__all__ = ["build", "convert", "predictor", "task", "tracker"]


def build(settings: dict[str, Any], classes: int) -> CrossVisNetwork:
    """A fresh network of the size that ``settings["network"]`` says."""
    return CrossVisNetwork(settings_of(NetworkSettings, settings["network"], "hosts.crossvis.network"), classes)


def task(network: CrossVisNetwork, settings: dict[str, Any], identities: int) -> CrossVisTask:
    """The network with its losses and a classifier of the training set's ``identities``."""
    return CrossVisTask(network, identities)


def predictor(network: CrossVisNetwork, settings: dict[str, Any], device: torch.device | str) -> CrossVisPredictor:
    """The trained network at the test size ``settings["input"]``, ``settings["window"]`` frames at a time."""
    return CrossVisPredictor(network, **settings["input"], window=settings["window"], device=device)


def tracker(settings: dict[str, Any], video: Video, plug_in: PlugIn | None) -> CrossVisTracker:
    """A tracker with the thresholds ``settings["tracker"]``; CrossVIS's needs to know nothing of the video."""
    return CrossVisTracker(settings_of(TrackerSettings, settings["tracker"], "hosts.crossvis.tracker"), plug_in)
