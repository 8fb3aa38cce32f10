"""ConvNeXt (Liu et al., 2022), under its official names and at any size."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

EPSILON = 1e-6
"""Of all layer normalisations (Unicorn@4da9079 unicorn/models/backbone/convnext.py:19-54, 57-158)."""


class ChannelNorm(nn.LayerNorm):
    """Layer normalisation over the channels of (B, C, H, W)."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, eps=EPSILON)

    def forward(self, x: Tensor) -> Tensor:
        """Every pixel by itself."""
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


class ConvNextBlock(nn.Module):
    """7x7 depthwise convolution and an inverted bottleneck of four times the width, scaled by ``gamma``, added.

    MasterBin-IIAU/Unicorn@4da9079 unicorn/models/backbone/convnext.py:19-54. Without its random dropping of paths.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.dwconv = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=EPSILON)
        self.pwconv1 = nn.Linear(channels, 4 * channels)
        self.pwconv2 = nn.Linear(4 * channels, channels)
        self.gamma = nn.Parameter(torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, C, H, W) to the same shape."""
        inner = self.norm(self.dwconv(x).movedim(1, -1))
        inner = self.pwconv2(F.gelu(self.pwconv1(inner)))
        return x + (self.gamma * inner).movedim(-1, 1)


class ConvNext(nn.Module):
    """A stem of stride 4 and stages of blocks, each further one at half the resolution; ``channels`` of each stage.

    Unicorn@4da9079 unicorn/models/backbone/convnext.py:57-158: tiny has channels 96, 192, 384, 768 and depths 3, 3, 9,
    3; large 192, 384, 768, 1536 and 3, 3, 27, 3.
    """

    def __init__(self, channels: Sequence[int], depths: Sequence[int]) -> None:
        """There are as many stages as ``channels`` and ``depths``, three or more."""
        super().__init__()
        self.channels = tuple(channels)
        self.downsample_layers = nn.ModuleList(
            nn.Sequential(ChannelNorm(channels[stage - 1]), nn.Conv2d(channels[stage - 1], channels[stage], 2, 2))
            if stage
            else nn.Sequential(nn.Conv2d(3, channels[0], 4, 4), ChannelNorm(channels[0]))
            for stage in range(len(channels))
        )
        self.stages = nn.ModuleList(
            nn.Sequential(*(ConvNextBlock(width) for _ in range(depth)))
            for width, depth in zip(channels, depths, strict=True)
        )
        self.read = range(len(channels))[-3:]
        for stage in self.read:
            self.add_module(f"norm{stage}", ChannelNorm(channels[stage]))
        self.apply(_initialise)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Images (B, 3, H, W) to the normalised maps of the last three stages, finest first."""
        maps = []
        x = images
        for stage, (downsample, blocks) in enumerate(zip(self.downsample_layers, self.stages, strict=True)):
            x = blocks(downsample(x))
            if stage in self.read:
                maps.append(self.get_submodule(f"norm{stage}")(x))
        return tuple(maps)


def _initialise(module: nn.Module) -> None:
    """Truncated normal weights, no biases (convnext.py:110-113)."""
    if isinstance(module, nn.Conv2d | nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        assert module.bias is not None
        nn.init.zeros_(module.bias)
