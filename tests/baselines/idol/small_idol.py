"""IDOL at the smallest size that still has everything, and a batch for it."""

from typing import Any

import torch
from torch import Tensor

from baselines.idol.host import build
from baselines.idol.network import IdolNetwork

CLASSES = 3
SETTINGS: dict[str, Any] = {
    "network": {
        "backbone": {"width": 8, "depths": [1, 1, 1, 1], "norm": "group"},
        "first": 3,
        "hidden": 32,
        "queries": 12,
        "heads": 4,
        "encoder_layers": 1,
        "decoder_layers": 2,
        "ffn": 32,
        "points": 2,
        "dropout": 0.0,
    },
    "input": {"shortest": 64, "longest": 96},
    "window": 2,
    "tracker": {},
}


def small_network(**changes: Any) -> IdolNetwork:
    """Always the same weights."""
    torch.manual_seed(0)
    return build(SETTINGS | {"network": SETTINGS["network"] | changes}, CLASSES)


def squares(samples: int = 2, objects: int = 2) -> dict[str, Tensor]:
    """Pairs of frames of 64x96: bright rectangles that move by 8 pixels, and a row of padding behind the objects."""
    images = torch.full((samples, 2, 3, 64, 96), 40.0)
    masks = torch.zeros(samples, 2, objects + 1, 64, 96, dtype=torch.bool)
    boxes = torch.zeros(samples, 2, objects + 1, 4)
    labels = torch.full((samples, objects + 1), -1)
    for sample in range(samples):
        for n in range(objects):
            labels[sample, n] = (sample + n) % CLASSES
            for frame in range(2):
                x, y = 8 + 40 * n + 8 * frame, 8 + 16 * sample
                masks[sample, frame, n, y : y + 24, x : x + 24] = True
                boxes[sample, frame, n] = torch.tensor([x, y, x + 24, y + 24])
                images[sample, frame, labels[sample, n]] += 180 * masks[sample, frame, n]
    return {
        "images": images,
        "sizes": torch.tensor([64, 96]).expand(samples, 2, 2),
        "masks": masks,
        "boxes": boxes,
        "labels": labels,
        "visible": masks.flatten(3).any(3),
        "ids": (labels >= 0).cumsum(1) * (labels >= 0),
        "iteration": torch.zeros(samples, dtype=torch.int64),
    }
