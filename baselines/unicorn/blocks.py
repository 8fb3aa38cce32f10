"""The building blocks of YOLOX with group normalisation; names are those of the authors' checkpoints."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

GROUPS = 16
EPSILON = 1e-3
"""MasterBin-IIAU/Unicorn@4da9079 unicorn/exp/unicorn_track_mask.py:52-56, 80-91."""


def group_norm(channels: int) -> nn.GroupNorm:
    """What stands for every batch normalisation outside of the backbone; ``channels`` are a multiple of 16."""
    return nn.GroupNorm(GROUPS, channels, eps=EPSILON)


class ConvBlock(nn.Module):
    """Convolution, normalisation and SiLU (backbone/network_blocks.py:29-51)."""

    def __init__(self, before: int, after: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(before, after, kernel, stride, padding=kernel // 2, bias=False)
        self.bn = group_norm(after)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, before, H, W) to (B, after, H / stride, W / stride)."""
        return F.silu(self.bn(self.conv(x)))


class Bottleneck(nn.Module):
    """1x1 and 3x3 blocks without a shortcut (backbone/network_blocks.py:79-101)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = ConvBlock(channels, channels, 1)
        self.conv2 = ConvBlock(channels, channels, 3)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, H, W) to the same shape."""
        inner: Tensor = self.conv2(self.conv1(x))
        return inner


class CspLayer(nn.Module):
    """Half of the channels through bottlenecks, half past them (backbone/network_blocks.py:147-185)."""

    def __init__(self, before: int, after: int, bottlenecks: int) -> None:
        super().__init__()
        hidden = after // 2
        self.conv1 = ConvBlock(before, hidden, 1)
        self.conv2 = ConvBlock(before, hidden, 1)
        self.conv3 = ConvBlock(2 * hidden, after, 1)
        self.m = nn.Sequential(*(Bottleneck(hidden) for _ in range(bottlenecks)))

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, before, H, W) to (B, after, H, W)."""
        both: Tensor = self.conv3(torch.cat((self.m(self.conv1(x)), self.conv2(x)), dim=1))
        return both
