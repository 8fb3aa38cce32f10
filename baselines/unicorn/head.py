"""The decoupled head: class, box, objectness and mask parameters at every location."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from baselines.layers.convnext import ConvNextBlock
from baselines.layers.dynamic_mask import parameter_count
from baselines.layers.locations import Locations
from baselines.layers.mask_branch import CHANNELS
from baselines.unicorn.blocks import ConvBlock

PRIOR = 0.01
"""Probability that a fresh network gives every class and object (unicorn/exp/unicorn_track_mask.py:77)."""


@dataclass(frozen=True)
class Predictions:
    """What the head says at the L locations of B images."""

    offsets: Tensor
    """(B, L, 4): the box's centre from its cell's corner and the logarithm of width and height, in strides."""
    objectness: Tensor
    """(B, L) logits."""
    logits: Tensor
    """(B, L, C), of the classes."""
    parameters: Tensor
    """(B, L, P), of the dynamic mask head."""


def boxes_of(offsets: Tensor, locations: Locations) -> Tensor:
    """Boxes (..., L, 4) as x1, y1, x2, y2 in pixels (unicorn_head_mask.py:502-519)."""
    strides = locations.strides[:, None]
    corners = locations.points - strides / 2
    centres = offsets[..., :2] * strides + corners
    half = offsets[..., 2:].exp() * strides / 2
    return torch.cat((centres - half, centres + half), dim=-1)


class UnicornHead(nn.Module):
    """A head of its own for every level; MasterBin-IIAU/Unicorn@4da9079 unicorn/models/unicorn_head_mask.py:92-343.

    Names are the official ones. The authors' second set of last layers, for following a single given object, is not
    here: it is the same network with one class.
    """

    def __init__(self, before: Sequence[int], channels: int, blocks: int, tower: int, classes: int) -> None:
        """Levels with ``before`` channels; ``blocks`` of ConvNeXt, then two towers of ``tower`` convolutions."""
        super().__init__()
        levels = range(len(before))
        self.stems = nn.ModuleList(ConvBlock(level, channels, 1) for level in before)
        self.att_layers = nn.ModuleList(
            nn.Sequential(*(ConvNextBlock(channels) for _ in range(blocks))) for _ in levels
        )
        self.cls_convs = nn.ModuleList(_tower(channels, tower) for _ in levels)
        self.reg_convs = nn.ModuleList(_tower(channels, tower) for _ in levels)
        self.cls_preds = nn.ModuleList(_prior(nn.Conv2d(channels, classes, 1)) for _ in levels)
        self.reg_preds = nn.ModuleList(nn.Conv2d(channels, 4, 1) for _ in levels)
        self.obj_preds = nn.ModuleList(_prior(nn.Conv2d(channels, 1, 1)) for _ in levels)
        self.controllers = nn.ModuleList(_controller(channels) for _ in levels)
        for level in levels:
            self.register_parameter(f"beta_{level}", nn.Parameter(torch.ones(channels, 1, 1)))

    def forward(self, pyramid: Sequence[Tensor], targets: Sequence[Tensor] | None = None) -> Predictions:
        """Maps (B, C, h, w), finest first, to predictions at all their cells.

        ``targets`` (B, 1, h, w) say where in each map a single object to follow is; tracking many objects has none.
        """
        parts = []
        for level, features in enumerate(pyramid):
            x = self.stems[level](features)
            if targets is not None:
                x = x + targets[level] * self.get_parameter(f"beta_{level}")
            parts.append(self._level(level, self.att_layers[level](x)))
        offsets, objectness, logits, parameters = (
            torch.cat([part.flatten(2) for part in kind], dim=2).transpose(1, 2) for kind in zip(*parts, strict=True)
        )
        return Predictions(offsets, objectness[..., 0], logits, parameters)

    def _level(self, level: int, features: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        classes, boxes = self.cls_convs[level](features), self.reg_convs[level](features)
        return (
            self.reg_preds[level](boxes),
            self.obj_preds[level](boxes),
            self.cls_preds[level](classes),
            self.controllers[level](boxes),
        )


def _tower(channels: int, convolutions: int) -> nn.Sequential:
    return nn.Sequential(*(ConvBlock(channels, channels, 3) for _ in range(convolutions)))


def _prior(layer: nn.Conv2d) -> nn.Conv2d:
    assert layer.bias is not None
    nn.init.constant_(layer.bias, -math.log((1 - PRIOR) / PRIOR))
    return layer


def _controller(channels: int) -> nn.Conv2d:
    layer = nn.Conv2d(channels, parameter_count(CHANNELS), 3, padding=1)
    nn.init.normal_(layer.weight, std=0.01)
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
    return layer
