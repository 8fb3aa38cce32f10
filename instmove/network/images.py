"""Where image features come from: an own, trained ResNet trunk, or a frozen extractor of another network (Table 7)."""

import torch
from torch import Tensor, nn

from instmove.network.decoder import Features
from instmove.network.resnet import ResNetTrunk


class TrainedFeatures(nn.Module):
    """``full``: stem and two stages of a ResNet-50, trained with the rest."""

    def __init__(self, width: float) -> None:
        super().__init__()
        self.body = ResNetTrunk(stages=2, width=width)
        self.channels = (self.body.channels[0], self.body.channels[1])

    def forward(self, images: Tensor) -> Features:
        """Maps at strides 4 and 8 of (B, 3, S, S)."""
        stride4, stride8 = self.body(images)
        return stride4, stride8


class FrozenFeatures(nn.Module):
    """``fixed``: any module that gives maps at strides 4 and 8; never trained, but part of the state dict."""

    def __init__(self, extractor: nn.Module, channels: tuple[int, int]) -> None:
        super().__init__()
        self.extractor = extractor.requires_grad_(False)
        self.channels = channels
        self.eval()

    def train(self, mode: bool = True) -> "FrozenFeatures":
        """Stay in evaluation mode, so that statistics of batches are neither used nor updated."""
        return super().train(False)

    @torch.no_grad()
    def forward(self, images: Tensor) -> Features:
        """Maps at strides 4 and 8 of (B, 3, S, S)."""
        stride4, stride8 = self.extractor(images)
        return stride4, stride8
