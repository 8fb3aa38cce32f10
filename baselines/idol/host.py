"""IDOL as a baseline: the functions of ``baselines.interface.Host``.

The network is imported where it is built: association needs none of it, and transformers takes seconds to import.
"""

from typing import TYPE_CHECKING, Any

from baselines.idol.checkpoint import convert
from baselines.idol.tracker import IdolTracker, TrackerSettings
from baselines.interface import PlugIn
from baselines.settings import settings_of
from instmove.video import Video

if TYPE_CHECKING:
    import torch

    from baselines.idol.network import IdolNetwork
    from baselines.idol.predictor import IdolPredictor
    from baselines.idol.task import IdolTask

__all__ = ["build", "convert", "predictor", "task", "tracker"]


def build(settings: dict[str, Any], classes: int) -> "IdolNetwork":
    """A fresh network of the size that ``settings["network"]`` says."""
    from baselines.idol.network import IdolNetwork, NetworkSettings

    return IdolNetwork(settings_of(NetworkSettings, settings["network"], "hosts.idol.network"), classes)


def task(network: "IdolNetwork", settings: dict[str, Any], identities: int) -> "IdolTask":
    """The network with its losses; IDOL tells the objects of a pair of frames apart, not those of the training set."""
    from baselines.idol.task import IdolTask

    return IdolTask(network)


def predictor(network: "IdolNetwork", settings: dict[str, Any], device: "torch.device | str") -> "IdolPredictor":
    """The trained network at the test size ``settings["input"]``, ``settings["window"]`` frames at a time."""
    from baselines.idol.predictor import IdolPredictor

    return IdolPredictor(network, **settings["input"], window=settings["window"], device=device)


def tracker(settings: dict[str, Any], video: Video, plug_in: PlugIn | None) -> IdolTracker:
    """A tracker with the thresholds ``settings["tracker"]``; IDOL's needs to know nothing of the video."""
    return IdolTracker(settings_of(TrackerSettings, settings["tracker"], "hosts.idol.tracker"), plug_in)
