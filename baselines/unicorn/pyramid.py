"""Backbone and path aggregation: down, up and down again."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from baselines.layers.convnext import ConvNext
from baselines.unicorn.blocks import ConvBlock, CspLayer
from instmove.network.backbone import ResNet

BACKBONES = {"resnet": ResNet, "convnext": ConvNext}
LEVELS = 3  # strides 8, 16 and 32 (unicorn/models/backbone/yolo_pafpn_new.py:20-161)


class PathAggregation(nn.Module):
    """A backbone's last three maps to three maps of the same sizes, each of which knows the other two.

    MasterBin-IIAU/Unicorn@4da9079 unicorn/models/backbone/yolo_pafpn_new.py:20-161, whose names these are.
    """

    def __init__(self, backbone: dict[str, Any], bottlenecks: int) -> None:
        """``backbone`` is ``kind``, resnet or convnext, and the sizes of that class."""
        super().__init__()
        sizes = {key: value for key, value in backbone.items() if key != "kind"}
        self.backbone = BACKBONES[backbone["kind"]](**sizes)
        self.stride = 2 ** (len(self.backbone.channels) - 1)
        """Of the finest map."""
        self.channels = self.backbone.channels[-LEVELS:]
        fine, middle, coarse = self.channels
        self.lateral_conv0 = ConvBlock(coarse, middle, 1)
        self.C3_p4 = CspLayer(2 * middle, middle, bottlenecks)
        self.reduce_conv1 = ConvBlock(middle, fine, 1)
        self.C3_p3 = CspLayer(2 * fine, fine, bottlenecks)
        self.bu_conv2 = ConvBlock(fine, fine, 3, 2)
        self.C3_n3 = CspLayer(2 * fine, middle, bottlenecks)
        self.bu_conv1 = ConvBlock(middle, middle, 3, 2)
        self.C3_n4 = CspLayer(2 * middle, coarse, bottlenecks)

    def maps(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The backbone's own last three maps (B, C, h, w), finest first, of images (B, 3, H, W)."""
        fine, middle, coarse = self.backbone(images)[-LEVELS:]
        return fine, middle, coarse

    def forward(self, fine: Tensor, middle: Tensor, coarse: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """These maps aggregated, finest first."""
        top = self.lateral_conv0(coarse)
        down = self.reduce_conv1(self.C3_p4(torch.cat((_doubled(top), middle), dim=1)))
        first = self.C3_p3(torch.cat((_doubled(down), fine), dim=1))
        second = self.C3_n3(torch.cat((self.bu_conv2(first), down), dim=1))
        third = self.C3_n4(torch.cat((self.bu_conv1(second), top), dim=1))
        return first, second, third


def _doubled(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="nearest")
