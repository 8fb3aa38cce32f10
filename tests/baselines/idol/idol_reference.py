"""The network of the paper with the reference's seeded weights, and its input."""

from typing import Any

import numpy as np
from parity import img, load_fixture, load_keys, seeded_state
from torch import Tensor

from baselines.idol.checkpoint import convert
from baselines.idol.network import IdolNetwork, NetworkSettings
from instmove.network.checkpoint import load_strict

CLASSES = 40
PAPER = NetworkSettings(
    backbone={"width": 64, "depths": (3, 4, 6, 3), "norm": "frozen", "frozen_stages": 2},
    first=3,
    hidden=256,
    queries=300,
    heads=8,
    encoder_layers=6,
    decoder_layers=6,
    ffn=1024,
    points=4,
    dropout=0.1,
)


def official_state() -> dict[str, Tensor]:
    _, meta = load_fixture("idol_r50", "idol")
    return seeded_state(load_keys("idol_r50", "idol"), meta)


def paper_network() -> IdolNetwork:
    network = IdolNetwork(PAPER, CLASSES)
    load_strict(network, convert(official_state())[0], "seeded")
    return network.eval()


def official_frames() -> np.ndarray[Any, np.dtype[np.float32]]:
    """One noise image that moves, and noise that does not: RGB in 0..255, (3, 3, 128, 160)."""
    still = img(0, 3, 128, 160).astype(np.float64)
    noise = [img(100 + t, 3, 128, 160).astype(np.float64) for t in range(3)]
    moving = [0.9 * np.roll(still, (2 * t, -3 * t), (1, 2)) + 0.1 * noise[t] for t in range(3)]
    return (255 * np.stack(moving)).astype(np.float32)
