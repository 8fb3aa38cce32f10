"""The network of the paper with the reference's seeded weights."""

import torch
from parity import load_fixture, load_keys, seeded_state

from baselines.crossvis.checkpoint import convert
from baselines.crossvis.network import CrossVisNetwork, NetworkSettings

CLASSES = 40
MEAN = (103.53, 116.28, 123.675)
"""Of blue, green and red."""
PAPER = NetworkSettings(
    backbone={"width": 64, "depths": (3, 4, 6, 3), "norm": "frozen", "frozen_stages": 2},
    first=3,
    channels=256,
    tower=4,
    mask_channels=128,
    mask_tower=4,
    embedding=256,
    sizes=(64, 128, 256, 512),
    backbone_gradient=0.1,
)


def official_state() -> dict[str, torch.Tensor]:
    """The official state dict; the buffer of sizes is left as built there and absent here."""
    _, meta = load_fixture("crossvis_r50", "crossvis")
    return seeded_state(load_keys("crossvis_r50", "crossvis"), meta)


def paper_network() -> CrossVisNetwork:
    network = CrossVisNetwork(PAPER, CLASSES)
    network.load_state_dict(convert(official_state())[0], strict=True)
    return network
