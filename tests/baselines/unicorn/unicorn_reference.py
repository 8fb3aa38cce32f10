"""The networks of the paper with the reference's seeded weights, and its two frames."""

from functools import lru_cache
from typing import Any

import numpy as np
import torch
from parity import img, load_fixture, load_keys, seeded_state
from torch import Tensor

from baselines.unicorn.checkpoint import convert
from baselines.unicorn.network import NetworkSettings, UnicornNetwork

CLASSES = 8
BACKBONES: dict[str, dict[str, Any]] = {
    "r50": {"kind": "resnet", "width": 64, "depths": [3, 4, 6, 3], "norm": "frozen"},
    "tiny": {"kind": "convnext", "channels": [96, 192, 384, 768], "depths": [3, 3, 9, 3]},
    "large": {"kind": "convnext", "channels": [192, 384, 768, 1536], "depths": [3, 3, 27, 3]},
}
SIZES: dict[str, Any] = {
    "bottlenecks": 3,
    "channels": 256,
    "blocks": 3,
    "tower": 4,
    "mask_channels": 128,
    "mask_tower": 4,
    "mask_stride": 2,
    "sizes": [64, 128, 256],
    "hidden": 256,
    "heads": 8,
    "points": 4,
    "ffn": 1024,
    "positions": 40,
    "embedding": 128,
}


def paper_settings(backbone: str) -> NetworkSettings:
    return NetworkSettings(backbone=BACKBONES[backbone], **SIZES)


@lru_cache(maxsize=1)
def official_state(backbone: str) -> dict[str, Tensor]:
    """The official state dict; two buffers that were left as built there are absent here."""
    name = f"unicorn_{backbone}_mask"
    return seeded_state(load_keys(name, "unicorn"), load_fixture(name, "unicorn")[1])


def paper_network(backbone: str, following: bool = False) -> UnicornNetwork:
    """The network for eight classes, or the one ``following`` a given object: one class and its own last layers."""
    state = official_state(backbone)
    if following:
        state = state | {key.replace("_sot", ""): value for key, value in state.items() if "_sot." in key}
    with torch.device("meta"):
        network = UnicornNetwork(paper_settings(backbone), 1 if following else CLASSES)
    network.load_state_dict(convert(state)[0], strict=True, assign=True)
    return network.eval()


def reference_frames() -> Tensor:
    """Reference and current frame, (2, 3, 128, 160) in 0..255."""
    first, noise = (img(seed, 3, 128, 160).astype(np.float64) for seed in (0, 100))
    second = 0.9 * np.roll(first, (3, -5), axis=(1, 2)) + 0.1 * noise
    return torch.from_numpy((255 * np.stack((first, second))).astype(np.float32))
