"""A MinVIS network that fits into a fraction of a second."""

from typing import Any

import torch

from baselines.minvis.host import build
from baselines.minvis.network import MinVisNetwork

SETTINGS: dict[str, Any] = {
    "network": {
        "backbone": {"width": 8, "depths": [1, 1, 1, 1], "norm": "batch"},
        "hidden": 32,
        "queries": 6,
        "heads": 2,
        "encoder_layers": 1,
        "encoder_ffn": 32,
        "decoder_layers": 2,
        "decoder_ffn": 32,
        "points": 64,
    },
    "input": {"shortest": 48, "longest": 80},
    "window": 4,
}
CLASSES = 3


def small_network(**changes: object) -> MinVisNetwork:
    """Seeded, in evaluation mode; ``changes`` go into its settings."""
    torch.manual_seed(0)
    return build(SETTINGS | {"network": SETTINGS["network"] | changes}, CLASSES).eval()
