"""Feature pyramids over a ResNet, under detectron2's names."""

from torch import Tensor, nn
from torch.nn import functional as F

from instmove.network.backbone import ResNet


class TwoMoreLevels(nn.Module):
    """P6 from P5 and P7 from P6, each a 3x3 convolution, stride 2 (CrossVIS@378f4f3 modeling/backbone/fpn.py:13-28)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.p6 = _initialised(nn.Conv2d(channels, channels, 3, 2, padding=1))
        self.p7 = _initialised(nn.Conv2d(channels, channels, 3, 2, padding=1))

    def forward(self, p5: Tensor) -> list[Tensor]:
        """Map (B, C, H, W) to P6 and P7."""
        p6 = self.p6(p5)
        return [p6, self.p7(F.relu(p6))]


class PooledLevel(nn.Module):
    """P6 as every second cell of P5 (detectron2@02b5c4e modeling/backbone/fpn.py, LastLevelMaxPool)."""

    def forward(self, p5: Tensor) -> list[Tensor]:
        """Map (B, C, H, W) to P6."""
        return [p5[..., ::2, ::2]]


class FeaturePyramid(nn.Module):
    """Backbone ``bottom_up`` and a pyramid on its stages from res<first> on, all levels with ``channels``.

    1x1 lateral and 3x3 output convolutions, nearest up-sampling and sums (detectron2@02b5c4e
    modeling/backbone/fpn.py:72-96, 139-158); ``top_block`` makes further levels from the coarsest.
    """

    def __init__(self, bottom_up: ResNet, channels: int, first: int, top_block: nn.Module) -> None:
        super().__init__()
        self.bottom_up = bottom_up
        self.stages = range(first, 2 + len(bottom_up.channels))
        for stage in self.stages:
            before = bottom_up.channels[stage - 2]
            self.add_module(f"fpn_lateral{stage}", _initialised(nn.Conv2d(before, channels, 1)))
            self.add_module(f"fpn_output{stage}", _initialised(nn.Conv2d(channels, channels, 3, padding=1)))
        self.top_block = top_block

    def forward(self, images: Tensor) -> list[Tensor]:
        """Normalised images (B, 3, H, W), sides multiples of 32, to the maps P<first>, ..., finest first."""
        maps = self.bottom_up(images)
        pyramid: list[Tensor] = []
        above: Tensor | None = None
        for stage in reversed(self.stages):
            merged = self.get_submodule(f"fpn_lateral{stage}")(maps[stage - 2])
            if above is not None:
                merged = merged + F.interpolate(above, scale_factor=2.0, mode="nearest")
            above = merged
            pyramid.insert(0, self.get_submodule(f"fpn_output{stage}")(merged))
        return pyramid + self.top_block(pyramid[-1])


def _initialised(layer: nn.Conv2d) -> nn.Conv2d:
    """Uniform as Caffe2's XavierFill, bias zero (detectron2@02b5c4e modeling/backbone/fpn.py:94-95)."""
    nn.init.kaiming_uniform_(layer.weight, a=1)
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
    return layer
