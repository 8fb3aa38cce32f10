"""Key encoder, which sees the image alone, and value encoder, which sees an object's mask too."""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from baselines.stcn.blocks import CBAM, BasicBlock, Bottleneck, ResBlock

DEPTHS = (3, 4, 6)
"""Bottlenecks of a ResNet-50 without its last stage (model/modules.py:126-148)."""


class KeyEncoder(nn.Module):
    """ResNet-50 up to stride 16; ``base`` is the stem's channels, 64 in the paper."""

    def __init__(self, base: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, base, 7, 2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(base)
        self.res2 = _stage(base, base, DEPTHS[0], 1)
        self.layer2 = _stage(4 * base, 2 * base, DEPTHS[1], 2)
        self.layer3 = _stage(8 * base, 4 * base, DEPTHS[2], 2)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Normalised RGB (B, 3, H, W) to maps at strides 16, 8 and 4 with 16, 8 and 4 times ``base`` channels."""
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(images))), 3, 2, padding=1)
        f4 = self.res2(x)
        f8 = self.layer2(f4)
        return self.layer3(f8), f8, f4


def _stage(before: int, inner: int, depth: int, stride: int) -> nn.Sequential:
    return nn.Sequential(*(Bottleneck(4 * inner if b else before, inner, 1 if b else stride) for b in range(depth)))


class FeatureFuser(nn.Module):
    """Joins an object's features and the key encoder's (model/modules.py:37-51)."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.block1 = ResBlock(before, after)
        self.attention = CBAM(after)
        self.block2 = ResBlock(after, after)

    def forward(self, features: Tensor, f16: Tensor) -> Tensor:
        """Map (B, c, h, w) and (B, d, h, w) to (B, after, h, w)."""
        x = self.block1(torch.cat((features, f16), dim=1))
        fused: Tensor = self.block2(x + self.attention(x))
        return fused


class ValueEncoder(nn.Module):
    """ResNet-18 up to stride 16 on image and masks (model/modules.py:57-123, model/mod_resnet.py).

    ``masks`` is 2 (the object and all others together), or 1 in static pre-training.
    """

    def __init__(self, base: int, value: int, masks: int = 2) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3 + masks, base, 7, 2, padding=3)
        self.bn1 = nn.BatchNorm2d(base)
        for number, (before, after) in enumerate(pairwise((base, base, 2 * base, 4 * base)), start=1):
            blocks = BasicBlock(before, after, 1 if number == 1 else 2), BasicBlock(after, after, 1)
            self.add_module(f"layer{number}", nn.Sequential(*blocks))
        self.fuser = FeatureFuser((4 + 16) * base, value)

    def forward(self, images: Tensor, f16: Tensor, *masks: Tensor) -> Tensor:
        """Images (B, 3, H, W), key features (B, 16 base, h, w), masks (B, 1, H, W) to (B, value, h, w); h = H / 16."""
        x = self.bn1(self.conv1(torch.cat((images, *masks), dim=1)))
        x = F.relu(F.max_pool2d(x, 3, 2, padding=1))
        for number in (1, 2, 3):
            x = self.get_submodule(f"layer{number}")(x)
        fused: Tensor = self.fuser(x, f16)
        return fused
