"""A network of the kind of the mini setup."""

from typing import Any

SETTINGS: dict[str, Any] = {
    "network": {
        "backbone": {"kind": "resnet", "width": 8, "depths": [1, 1, 1], "norm": "group"},
        "bottlenecks": 1,
        "channels": 32,
        "blocks": 1,
        "tower": 1,
        "mask_channels": 16,
        "mask_tower": 1,
        "mask_stride": 2,
        "sizes": [16, 32, 64],
        "hidden": 32,
        "heads": 2,
        "points": 2,
        "ffn": 32,
        "positions": 8,
        "embedding": 16,
    },
    "input": {"height": 64, "width": 96},
    "tracker": {"init_score": 0.5, "object_score": 0.3, "momentum": 1.0},
}
