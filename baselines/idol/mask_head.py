"""The features that all instances of an image share, and the masks that their predicted parameters make of them."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from baselines.layers.dynamic_mask import aligned_bilinear, dynamic_masks, relative_coordinates

FEATURES = 8
"""Channels of the shared features: D / 32 of the paper's 256 (segmentation_condInst.py:39)."""
CHANNELS = (2 + FEATURES, 8, 8, 1)
"""Of the dynamic head: coordinates and features, two hidden layers, a logit (segmentation_condInst.py:39-64)."""
ENLARGED = 2
"""Mask logits have half the stride of the features (segmentation_condInst.py:43-44)."""


class MaskHead(nn.Module):
    """The encoder's three finest maps to shared mask features, under the official names.

    wjf5203/VNext@db33833 projects/IDOL/idol/models/segmentation_condInst.py:479-550.
    """

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.lay3 = _convolution(hidden, hidden)
        self.lay4 = _convolution(hidden, hidden)
        self.dcn = _convolution(hidden, hidden)
        self.lay1 = _convolution(hidden, hidden // 4)
        self.lay2 = _convolution(hidden // 4, FEATURES)

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        """Maps (B, D, h, w), (B, D, h / 2, w / 2), (B, D, h / 4, w / 4) to (B, FEATURES, h, w)."""
        fine, middle, coarse = maps
        x = F.relu(self.lay3(coarse))
        x = F.relu(self.lay4(middle + F.interpolate(x, middle.shape[-2:], mode="nearest")))
        x = F.relu(self.dcn(fine + F.interpolate(x, fine.shape[-2:], mode="nearest")))
        return F.relu(self.lay2(F.relu(self.lay1(x))))


def instance_masks(features: Tensor, stride: int, points: Tensor, parameters: Tensor) -> Tensor:
    """Mask logits (N, 2h, 2w), at half of ``stride``, of N instances on their images' ``features`` (N, FEATURES, h, w).

    ``points`` (N, 2) are the instances' reference points, x and y in pixels; coordinates relative to them are not
    scaled (segmentation_condInst.py:324-468).
    """
    height, width = features.shape[-2:]
    coordinates = relative_coordinates(points, height, width, stride).to(features.dtype)
    inputs = torch.cat((coordinates, features), dim=1)
    return aligned_bilinear(dynamic_masks(inputs, parameters, CHANNELS)[:, None], ENLARGED)[:, 0]


def _convolution(before: int, after: int) -> nn.Conv2d:
    layer = nn.Conv2d(before, after, 3, padding=1)
    nn.init.kaiming_uniform_(layer.weight, a=1)
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
    return layer
