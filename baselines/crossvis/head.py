"""FCOS's dense head with CrossVIS's two additions: mask parameters and identity embeddings at every location."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

PRIOR = 0.01
"""Probability that a fresh network gives every class (fcos.py:234-237)."""
GROUP = 8
"""Channels a group of the towers' normalisation; 32 groups of 256 in the paper (defaults.py:31)."""


@dataclass(frozen=True)
class Predictions:
    """What the head says at the L locations of B images."""

    logits: Tensor
    """(B, L, C), of the classes."""
    distances: Tensor
    """(B, L, 4): from the location to the left, upper, right and lower side of the box, in strides."""
    centerness: Tensor
    """(B, L) logits."""
    parameters: Tensor
    """(B, L, P), of the dynamic mask head."""
    embeddings: Tensor
    """(B, L, D), not normalised."""


class Scale(nn.Module):
    """One learned factor."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        """Multiply."""
        return x * self.scale


class FcosHead(nn.Module):
    """Three towers and what is read off them; the weights are shared by all levels.

    hustvl/CrossVIS@378f4f3 adet/modeling/fcos/fcos.py:123-267, and crossvis.py:96-104 for the controller.
    """

    def __init__(
        self, levels: int, channels: int, convolutions: int, classes: int, parameters: int, embedding: int
    ) -> None:
        """``convolutions`` in each tower; ``parameters`` and ``embedding`` are numbers an instance."""
        super().__init__()
        self.cls_tower = _tower(channels, convolutions)
        self.bbox_tower = _tower(channels, convolutions)
        self.reid_tower = _tower(channels, convolutions)
        self.cls_logits = _convolution(channels, classes, 3)
        self.bbox_pred = _convolution(channels, 4, 3)
        self.ctrness = _convolution(channels, 1, 3)
        self.controller = _convolution(channels, parameters, 3)
        self.reid_pred = _convolution(channels, embedding, 1)
        self.reid_pred_bn = nn.BatchNorm2d(embedding)
        self.scales = nn.ModuleList(Scale() for _ in range(levels))
        assert self.cls_logits.bias is not None
        nn.init.constant_(self.cls_logits.bias, -math.log((1 - PRIOR) / PRIOR))

    def forward(self, pyramid: Sequence[Tensor]) -> Predictions:
        """Maps (B, C, h, w), finest first, to predictions at all their cells."""
        levels = [self._level(*pair) for pair in zip(pyramid, self.scales, strict=True)]
        logits, distances, centerness, parameters, embeddings = (
            torch.cat([part.flatten(2) for part in parts], dim=2).transpose(1, 2) for parts in zip(*levels, strict=True)
        )
        return Predictions(logits, distances, centerness[..., 0], parameters, embeddings)

    def _level(self, features: Tensor, scale: nn.Module) -> tuple[Tensor, ...]:
        classes, boxes, identities = self.cls_tower(features), self.bbox_tower(features), self.reid_tower(features)
        return (
            self.cls_logits(classes),
            F.relu(scale(self.bbox_pred(boxes))),
            self.ctrness(boxes),
            self.controller(boxes),
            self.reid_pred_bn(self.reid_pred(identities)),
        )


def _tower(channels: int, convolutions: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for _ in range(convolutions):
        layers += [_convolution(channels, channels, 3), nn.GroupNorm(channels // GROUP, channels), nn.ReLU()]
    return nn.Sequential(*layers)


def _convolution(before: int, after: int, kernel: int) -> nn.Conv2d:
    """Weights of deviation 0.01, bias zero (fcos.py:219-232, crossvis.py:96-104)."""
    layer = nn.Conv2d(before, after, kernel, padding=kernel // 2)
    nn.init.normal_(layer.weight, std=0.01)
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
    return layer
