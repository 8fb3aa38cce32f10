"""RAFT's convolutional encoders: an image to features at 1/8 of its size."""

from collections.abc import Callable

from torch import Tensor, nn

Norm = Callable[[int], nn.Module]
"""Builds the normalisation of a number of channels."""


def no_norm(channels: int) -> nn.Module:
    """The "none" normalisation of the small context encoder."""
    return nn.Identity()


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions beside a skip (extractor.py:6-56); rectified before *and* after the sum."""

    def __init__(self, inputs: int, outputs: int, stride: int, norm: Norm):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, padding=1)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.norm1, self.norm2 = norm(outputs), norm(outputs)
        if stride == 1:
            self.downsample: nn.Module = nn.Identity()
        else:  # one module under two names, as in the released files (extractor.py:44-45)
            self.norm3 = norm(outputs)
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride), self.norm3)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) to (B, outputs, H / stride, W / stride)."""
        y = self.norm1(self.conv1(x)).relu()
        y = self.norm2(self.conv2(y)).relu()
        return (self.downsample(x) + y).relu()


class BottleneckBlock(nn.Module):
    """1x1, 3x3 and 1x1 convolutions through a quarter of the channels: the small model's (extractor.py:60-116)."""

    def __init__(self, inputs: int, outputs: int, stride: int, norm: Norm):
        super().__init__()
        inner = outputs // 4
        self.conv1 = nn.Conv2d(inputs, inner, 1)
        self.conv2 = nn.Conv2d(inner, inner, 3, stride, padding=1)
        self.conv3 = nn.Conv2d(inner, outputs, 1)
        self.norm1, self.norm2, self.norm3 = norm(inner), norm(inner), norm(outputs)
        self.downsample: nn.Module = nn.Identity()
        if stride != 1:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride), norm(outputs))

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) to (B, outputs, H / stride, W / stride)."""
        y = self.norm1(self.conv1(x)).relu()
        y = self.norm2(self.conv2(y)).relu()
        y = self.norm3(self.conv3(y)).relu()
        return (self.downsample(x) + y).relu()


class Encoder(nn.Module):
    """Stem, three stages of two blocks (strides 1, 2, 2) and a 1x1 projection (extractor.py:118-267)."""

    def __init__(
        self,
        stages: tuple[int, int, int],
        outputs: int,
        block: type[ResidualBlock] | type[BottleneckBlock],
        norm: Norm,
    ):
        super().__init__()
        first, second, third = stages
        self.norm1 = norm(first)
        self.conv1 = nn.Conv2d(3, first, 7, 2, padding=3)
        self.layer1 = nn.Sequential(block(first, first, 1, norm), block(first, first, 1, norm))
        self.layer2 = nn.Sequential(block(first, second, 2, norm), block(second, second, 1, norm))
        self.layer3 = nn.Sequential(block(second, third, 2, norm), block(third, third, 1, norm))
        self.conv2 = nn.Conv2d(third, outputs, 1)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, image: Tensor) -> Tensor:
        """(B, 3, H, W) in [-1, 1] to (B, outputs, H / 8, W / 8)."""
        x = self.norm1(self.conv1(image)).relu()
        return self.conv2(self.layer3(self.layer2(self.layer1(x))))
