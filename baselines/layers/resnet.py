"""ResNet backbones, as ``instmove.network.backbone`` has them."""

from instmove.network.backbone import Bottleneck, Norm, NormedConv, ResNet, Stem

__all__ = ["Bottleneck", "Norm", "NormedConv", "ResNet", "Stem"]
