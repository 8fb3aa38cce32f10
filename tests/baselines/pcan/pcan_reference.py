"""The network of the paper with the reference's seeded weights, and the frames that it was shown."""

import numpy as np
import torch
from parity import REFERENCE, img, load_fixture, load_keys, seeded_state

from baselines.pcan.checkpoint import convert
from baselines.pcan.network import NetworkSettings, PcanNetwork

CLASSES = 8
MEAN = np.array([123.675, 116.28, 103.53])[:, None, None]
STD = np.array([58.395, 57.12, 57.375])[:, None, None]
SIZE = (120, 150)
"""Of the frames, before they are padded to 128 x 160."""
REFERENCE_SETTINGS = NetworkSettings(
    backbone={"width": 64, "depths": (3, 4, 6, 3), "norm": "frozen", "frozen_stages": 2},
    channels=256,
    anchor_scale=8,
    proposals={"candidates": 1000, "most": 1000, "least_side": 4},
    hidden=1024,
    convolutions=4,
    groups=32,
    embedding=256,
    prototypes=30,
    instance_prototypes=10,
    regions=512,
)
"""The paper's, but that proposals have at least 4 pixels a side."""


def official_state() -> dict[str, torch.Tensor]:
    _, meta = load_fixture("pcan_r50", "pcan")
    with np.load(REFERENCE / "pcan" / "pcan_r50.overrides.npz") as overrides:
        replaced = {name: torch.from_numpy(overrides[name]) for name in overrides}
    return seeded_state(load_keys("pcan_r50", "pcan"), meta) | replaced


def reference_network() -> PcanNetwork:
    with torch.device("meta"):
        network = PcanNetwork(REFERENCE_SETTINGS, CLASSES)
    network.load_state_dict(convert(official_state())[0], strict=True, assign=True)
    return network.eval()


def frame(t: int) -> torch.Tensor:
    """Normalised frame t, (1, 3, 128, 160): the first, moved, with a little noise of its own."""
    still = img(0, 3, 128, 160).astype(np.float64)
    image = 255 * (0.98 * np.roll(still, (t // 2, -(t // 2)), axis=(1, 2)) + 0.02 * img(100 + t, 3, 128, 160))
    padded = np.zeros((3, 128, 160), dtype=np.float32)
    padded[:, : SIZE[0], : SIZE[1]] = ((image - MEAN) / STD)[:, : SIZE[0], : SIZE[1]]
    return torch.from_numpy(padded)[None]
