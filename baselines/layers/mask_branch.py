"""CondInst's masks: features that all instances of an image share, and what predicted parameters make of them."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from baselines.layers.dynamic_mask import aligned_bilinear, dynamic_masks, relative_coordinates

FEATURES = 8
"""Channels of the shared features (CrossVIS@378f4f3 adet/config/defaults.py:240-246)."""
CHANNELS = (2 + FEATURES, 8, 8, 1)
"""Of the dynamic head: coordinates and features, two hidden layers, a logit (adet/config/defaults.py:235-238)."""
REFINED = 3
"""Levels of the pyramid, from the finest on, that the features are made of (adet/config/defaults.py:240-246)."""


class MaskBranch(nn.Module):
    """Pyramid to shared mask features; hustvl/CrossVIS@378f4f3 adet/modeling/condinst/mask_branch.py:19-85, 132."""

    def __init__(
        self,
        before: Sequence[int],
        channels: int,
        convolutions: int,
        norm: Callable[[int], nn.Module] = nn.BatchNorm2d,
    ) -> None:
        """``before`` are the channels of the pyramid's REFINED finest levels."""
        super().__init__()
        self.refine = nn.ModuleList(_block(level, channels, norm) for level in before)
        blocks = [_block(channels, channels, norm) for _ in range(convolutions)]
        self.tower = nn.Sequential(*blocks, nn.Conv2d(channels, FEATURES, 1))

    def merged(self, pyramid: Sequence[Tensor]) -> Tensor:
        """Maps (B, before[0], h, w), (B, before[1], h/2, w/2), ... to (B, channels, h, w): what the tower reads."""
        total: Tensor = self.refine[0](pyramid[0])
        for level in range(1, REFINED):
            total = total + aligned_bilinear(self.refine[level](pyramid[level]), 2**level)
        return total

    def forward(self, pyramid: Sequence[Tensor]) -> Tensor:
        """Maps (B, before[0], h, w), (B, before[1], h/2, w/2), ... to (B, FEATURES, h, w)."""
        features: Tensor = self.tower(self.merged(pyramid))
        return features


def instance_logits(features: Tensor, stride: int, points: Tensor, reach: Tensor, parameters: Tensor) -> Tensor:
    """Mask logits (N, h, w), at ``stride``, of N instances on the ``features`` (N, FEATURES, h, w).

    ``points`` (N, 2) are the locations that predicted them, x and y in pixels; coordinates relative to them are divided
    by ``reach`` (N,), the size that each one's level is for (dynamic_mask_head.py:99-101, 155-189).
    """
    height, width = features.shape[-2:]
    coordinates = relative_coordinates(points, height, width, stride) / reach[:, None, None, None]
    inputs = torch.cat((coordinates.to(features.dtype), features), dim=1)
    return dynamic_masks(inputs, parameters, CHANNELS)


def _block(before: int, after: int, norm: Callable[[int], nn.Module]) -> nn.Sequential:
    convolution = nn.Conv2d(before, after, 3, padding=1, bias=False)
    nn.init.kaiming_uniform_(convolution.weight, a=1)
    return nn.Sequential(convolution, norm(after), nn.ReLU())
