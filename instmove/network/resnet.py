"""The image encoder E_i: the first stages of a ResNet-50 with frozen batch normalisation (Sec. 3.3).

Layout and key names are torchvision's (stride on the 3x3 convolution); stages that nobody reads are not built.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from instmove.network.encoders import scaled

BLOCKS = (3, 4, 6, 3)
"""Bottlenecks in the four stages of a ResNet-50."""


class FrozenBatchNorm2d(nn.Module):
    """Batch normalisation with constants in place of statistics and of the affine part; identity until loaded.

    wjf5203/VNext@db33833 projects/InstMove/MinVIS_motion/motion_models/backbone.py:54-64 (epsilon 1e-5).
    """

    weight: Tensor
    bias: Tensor
    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.epsilon = epsilon
        self.register_buffer("weight", torch.ones(channels))
        self.register_buffer("bias", torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise (B, C, H, W)."""
        scale = self.weight * (self.running_var + self.epsilon).rsqrt()
        shift = self.bias - self.running_mean * scale
        return x * scale[:, None, None] + shift[:, None, None]


class Bottleneck(nn.Module):
    """1x1, 3x3, 1x1 convolutions with a shortcut; the last gives four times ``inner`` channels."""

    def __init__(self, before: int, inner: int, after: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, inner, 1, bias=False)
        self.bn1 = FrozenBatchNorm2d(inner)
        self.conv2 = nn.Conv2d(inner, inner, 3, stride, padding=1, bias=False)
        self.bn2 = FrozenBatchNorm2d(inner)
        self.conv3 = nn.Conv2d(inner, after, 1, bias=False)
        self.bn3 = FrozenBatchNorm2d(after)
        self.downsample: nn.Module | None = None
        if stride > 1 or before != after:
            self.downsample = nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), FrozenBatchNorm2d(after))

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, before, H, W) to (B, after, H / stride, W / stride)."""
        shortcut = x if self.downsample is None else self.downsample(x)
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.relu(self.bn2(self.conv2(x)))
        return F.relu(self.bn3(self.conv3(x)) + shortcut)


class ResNetTrunk(nn.Module):
    """Stem and the first ``stages`` stages of a ResNet-50 at a width multiplier.

    ``channels`` says how many each stage gives: 256, 512, 1024, 2048 times the width.
    """

    def __init__(self, stages: int, width: float = 1.0) -> None:
        super().__init__()
        before = scaled(64, width)
        self.conv1 = nn.Conv2d(3, before, 7, 2, padding=3, bias=False)
        self.bn1 = FrozenBatchNorm2d(before)
        self.channels = tuple(scaled(256 * 2**stage, width) for stage in range(stages))
        for stage, after in enumerate(self.channels):
            inner = scaled(64 * 2**stage, width)
            blocks = [
                Bottleneck(before if b == 0 else after, inner, after, 1 + (b == 0 < stage))
                for b in range(BLOCKS[stage])
            ]
            self.add_module(f"layer{stage + 1}", nn.Sequential(*blocks))
            before = after
        self._initialise()

    def _initialise(self) -> None:
        """Every block starts as its shortcut: without statistics to normalise by, sums of blocks would grow."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        for module in self.modules():
            if isinstance(module, Bottleneck):
                nn.init.zeros_(module.conv3.weight)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Normalised RGB (B, 3, H, W) to the maps of all built stages, strides 4, 8, 16, 32."""
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(images))), 3, 2, padding=1)
        maps = []
        for stage in range(len(self.channels)):
            x = self.get_submodule(f"layer{stage + 1}")(x)
            maps.append(x)
        return tuple(maps)
