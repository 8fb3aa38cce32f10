"""The hosts' ResNet backbones, under detectron2's names and at any size.

They are here because InstMove, too, can look at images through one (Table 7: fixed image encoder).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Literal

from torch import Tensor, nn
from torch.nn import functional as F

from instmove.network.resnet import FrozenBatchNorm2d

Norm = Literal["frozen", "batch", "group"]

NORMS: dict[Norm, Callable[[int], nn.Module]] = {
    "frozen": FrozenBatchNorm2d,
    "batch": nn.BatchNorm2d,
    "group": partial(nn.GroupNorm, 8),
}
"""``frozen`` constants are for imported weights; networks trained from scratch need one of the others."""


class NormedConv(nn.Conv2d):
    """A convolution without bias and its normalisation ``norm``, in detectron2's nesting."""

    def __init__(self, before: int, after: int, kernel: int, stride: int, norm: Norm) -> None:
        super().__init__(before, after, kernel, stride, padding=kernel // 2, bias=False)
        self.norm = NORMS[norm](after)
        nn.init.kaiming_normal_(self.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, before, H, W) to (B, after, H / stride, W / stride)."""
        return self.norm(super().forward(x))


class Bottleneck(nn.Module):
    """1x1, 3x3, 1x1 convolutions with a shortcut (detectron2@02b5c4e modeling/backbone/resnet.py:100-210)."""

    def __init__(self, before: int, inner: int, stride: int, stride_in_1x1: bool, norm: Norm) -> None:
        super().__init__()
        after = 4 * inner
        first, second = (stride, 1) if stride_in_1x1 else (1, stride)
        self.shortcut = NormedConv(before, after, 1, stride, norm) if before != after else nn.Identity()
        self.conv1 = NormedConv(before, inner, 1, first, norm)
        self.conv2 = NormedConv(inner, inner, 3, second, norm)
        self.conv3 = NormedConv(inner, after, 1, 1, norm)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, before, H, W) to (B, 4 inner, H / stride, W / stride)."""
        inner = F.relu(self.conv2(F.relu(self.conv1(x))))
        return F.relu(self.conv3(inner) + self.shortcut(x))


class Stem(nn.Module):
    """7x7 convolution and max pooling, stride 4 together (detectron2@02b5c4e modeling/backbone/resnet.py:330-359)."""

    def __init__(self, width: int, norm: Norm) -> None:
        super().__init__()
        self.conv1 = NormedConv(3, width, 7, 2, norm)

    def forward(self, images: Tensor) -> Tensor:
        """Map (B, 3, H, W) to (B, width, H / 4, W / 4)."""
        return F.max_pool2d(F.relu(self.conv1(images)), 3, 2, padding=1)


class ResNet(nn.Module):
    """Stem and four stages, res2 to res5, of bottlenecks; ``channels`` says how many each stage gives.

    The ResNet-50 of the papers is width 64, depths 3, 4, 6, 3.
    """

    def __init__(
        self, width: int, depths: Sequence[int], norm: Norm, stride_in_1x1: bool = False, frozen_stages: int = 0
    ) -> None:
        """``frozen_stages`` is detectron2's FREEZE_AT: 1 freezes the stem's weights, 2 those of res2, too."""
        super().__init__()
        self.stem = Stem(width, norm)
        self.channels = tuple(4 * width * 2**stage for stage in range(len(depths)))
        before = width
        for stage, depth in enumerate(depths):
            blocks = []
            for block in range(depth):
                stride = 2 if stage > 0 and block == 0 else 1
                blocks.append(Bottleneck(before, width * 2**stage, stride, stride_in_1x1, norm))
                before = self.channels[stage]
            self.add_module(f"res{stage + 2}", nn.Sequential(*blocks))
        for _, module in list(self.named_children())[:frozen_stages]:
            module.requires_grad_(False)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Normalised images (B, 3, H, W) to the maps of all stages, strides 4, 8, 16, 32."""
        stem, *stages = self.children()
        x = stem(images)
        maps = []
        for stage in stages:
            x = stage(x)
            maps.append(x)
        return tuple(maps)


def first_stages(tensors: Mapping[str, Tensor]) -> ResNet:
    """Stem and stages res2 and res3 of the backbone among a host's tensors, wherever in it they are.

    Sizes and normalisation are read off the tensors; statistics of batches become constants. The stride must be on the
    3x3 convolutions (MinVIS, IDOL). Errors: ValueError if there is no such backbone.
    """
    anchor = next((name for name in tensors if name.endswith("stem.conv1.weight")), None)
    if anchor is None:
        raise ValueError("no backbone")
    prefix = anchor.removesuffix("stem.conv1.weight")
    wanted = re.compile(rf"{re.escape(prefix)}((stem|res2|res3)\..*)(?<!num_batches_tracked)$")
    own = {match[1]: value for name, value in tensors.items() if (match := wanted.match(name))}
    depths = [len({name.split(".")[1] for name in own if name.startswith(stage)}) for stage in ("res2", "res3")]
    norm: Norm = "frozen" if "stem.conv1.norm.running_mean" in own else "group"
    network = ResNet(own["stem.conv1.weight"].shape[0], depths, norm)
    network.load_state_dict(own)
    return network
