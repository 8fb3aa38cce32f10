"""MinVIS as a baseline: the functions of ``baselines.interface.Host``.

The network is imported where it is built: association needs none of it, and transformers takes seconds to import.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from baselines.interface import PlugIn
from baselines.minvis.checkpoint import convert
from baselines.minvis.tracker import MinVisTracker
from baselines.settings import settings_of
from instmove.video import Video

if TYPE_CHECKING:
    import torch

    from baselines.minvis.network import MinVisNetwork
    from baselines.minvis.predictor import MinVisPredictor
    from baselines.minvis.task import MinVisTask


@dataclass(frozen=True)
class NoSettings:
    """Of MinVIS's tracker."""


__all__ = ["build", "convert", "predictor", "task", "tracker"]


def build(settings: dict[str, Any], classes: int) -> "MinVisNetwork":
    """A fresh network of the size that ``settings["network"]`` says."""
    from baselines.minvis.network import MinVisNetwork, NetworkSettings

    return MinVisNetwork(settings_of(NetworkSettings, settings["network"], "hosts.minvis.network"), classes)


def task(network: "MinVisNetwork", settings: dict[str, Any], identities: int) -> "MinVisTask":
    """The network with its losses; MinVIS knows no identities."""
    from baselines.minvis.task import MinVisTask

    return MinVisTask(network)


def predictor(network: "MinVisNetwork", settings: dict[str, Any], device: "torch.device | str") -> "MinVisPredictor":
    """The trained network at the test size ``settings["input"]``, ``settings["window"]`` frames at a time."""
    from baselines.minvis.predictor import MinVisPredictor

    return MinVisPredictor(network, **settings["input"], window=settings["window"], device=device)


def tracker(settings: dict[str, Any], video: Video, plug_in: PlugIn | None) -> MinVisTracker:
    """A tracker; MinVIS's has no thresholds and needs to know nothing of the video."""
    settings_of(NoSettings, settings["tracker"], "hosts.minvis.tracker")
    return MinVisTracker(plug_in)
