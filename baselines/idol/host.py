"""IDOL as a baseline: the functions of ``baselines.interface.Host``."""

from typing import Any

import torch

from baselines.idol.checkpoint import convert
from baselines.idol.network import IdolNetwork, NetworkSettings
from baselines.idol.predictor import IdolPredictor
from baselines.idol.task import IdolTask
from baselines.idol.tracker import IdolTracker, TrackerSettings
from baselines.interface import PlugIn
from instmove.video import Video

__all__ = ["build", "convert", "predictor", "task", "tracker"]


def build(settings: dict[str, Any], classes: int) -> IdolNetwork:
    """A fresh network of the size that ``settings["network"]`` says."""
    return IdolNetwork(NetworkSettings(**settings["network"]), classes)


def task(network: IdolNetwork, settings: dict[str, Any], identities: int) -> IdolTask:
    """The network with its losses; IDOL tells the objects of a pair of frames apart, not those of the training set."""
    return IdolTask(network)


def predictor(network: IdolNetwork, settings: dict[str, Any], device: torch.device | str) -> IdolPredictor:
    """The trained network at the test size ``settings["input"]``, ``settings["window"]`` frames at a time."""
    return IdolPredictor(network, **settings["input"], window=settings["window"], device=device)


def tracker(settings: dict[str, Any], video: Video, plug_in: PlugIn | None) -> IdolTracker:
    """A tracker with the thresholds ``settings["tracker"]``; IDOL's needs to know nothing of the video."""
    return IdolTracker(TrackerSettings(**settings["tracker"]), plug_in)
