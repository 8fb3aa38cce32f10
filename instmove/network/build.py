"""From settings to a network."""

from dataclasses import dataclass
from typing import Literal

from instmove.network.base import InstMoveNetwork
from instmove.network.images import FrozenFeatures, TrainedFeatures
from instmove.network.paper import PaperInstMove
from instmove.network.released import ReleasedInstMove

Variant = Literal["released", "paper"]
ImageMode = Literal["none", "full", "fixed"]


@dataclass(frozen=True)
class NetworkSettings:
    """All that is needed to build a network and to use it."""

    variant: Variant
    image: ImageMode
    width: float
    """Multiplies every channel count; 1 is the size in the paper and the release."""
    side: int
    """Side of the square canvas in pixels, a multiple of 16."""
    window: int | None = None
    """Side of the part of the canvas that it was trained on, a multiple of 16; None is all of it."""
    antialias: bool = False
    """Whether images are smoothed before they shrink onto the canvas. The authors' were, on the way to their host."""


def build_network(
    variant: Variant, image: ImageMode, width: float, fixed: FrozenFeatures | None = None
) -> InstMoveNetwork:
    """A fresh network, initialised from torch's global generator; ``image="fixed"`` takes its features from ``fixed``.

    Errors: ValueError if there are frozen features without that mode or the other way round.
    """
    if (image == "fixed") != (fixed is not None):
        raise ValueError("frozen features go with image='fixed', and only with it")
    images = TrainedFeatures(width) if image == "full" else fixed
    kind = {"released": ReleasedInstMove, "paper": PaperInstMove}[variant]
    return kind(images, width)
