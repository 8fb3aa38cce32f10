"""What is read off the features of a region: its class and box, its mask, its embedding."""

from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

GRID = 7
"""Bins a side of the regions of boxes and embeddings (configs/qdtrack-frcnn_r50_fpn_12e_bdd100k.py:37-41, 56-60)."""
MASK_GRID = 14
"""Of the regions of masks (configs/segtrack-frcnn_r50_fpn_12e_bdd10k.py:8-12); a mask has twice that."""


class BoxHead(nn.Module):
    """Two layers, then class logits, background last, and for every class what moves the region to the box.

    open-mmlab/mmdetection v2.10.0 mmdet/models/roi_heads/bbox_heads/convfc_bbox_head.py:78-173.
    """

    def __init__(self, channels: int, hidden: int, classes: int) -> None:
        super().__init__()
        self.shared_fcs = nn.ModuleList((_linear(channels * GRID**2, hidden), _linear(hidden, hidden)))
        self.fc_cls = _linear(hidden, classes + 1, deviation=0.01)
        self.fc_reg = _linear(hidden, 4 * classes, deviation=0.001)

    def forward(self, regions: Tensor) -> tuple[Tensor, Tensor]:
        """Regions (N, C, 7, 7) to logits (N, classes + 1) and deltas (N, classes, 4)."""
        x = regions.flatten(1)
        for layer in self.shared_fcs:
            x = F.relu(layer(x))
        return self.fc_cls(x), self.fc_reg(x).unflatten(1, (-1, 4))


class MaskHead(nn.Module):
    """Convolutions, one up-sampling, and logits of a mask for every class (mmdet fcn_mask_head.py:59-126)."""

    def __init__(self, channels: int, convolutions: int, classes: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(convolution(channels, channels, 3) for _ in range(convolutions))
        self.upsample = doubling(channels)
        self.conv_logits = convolution(channels, classes, 1)

    def forward(self, regions: Tensor, labels: Tensor) -> Tensor:
        """Regions (N, C, 14, 14) to the mask logits (N, 28, 28) of the classes (N,)."""
        x = regions
        for layer in self.convs:
            x = F.relu(layer(x))
        logits = self.conv_logits(F.relu(self.upsample(x)))
        return logits[torch.arange(len(logits), device=logits.device), labels]


class NormedConv(nn.Module):
    """A 3x3 convolution without bias, group normalisation, ReLU."""

    def __init__(self, channels: int, groups: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.gn = nn.GroupNorm(groups, channels)
        nn.init.kaiming_normal_(self.conv.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, C, h, w) to the same shape."""
        return F.relu(self.gn(self.conv(x)))


class EmbeddingHead(nn.Module):
    """Convolutions and two layers (SysCV/pcan@281e3a7 pcan/models/roi_heads/track_heads/quasi_dense_embed_head.py)."""

    def __init__(self, channels: int, convolutions: int, groups: int, hidden: int, embedding: int) -> None:
        super().__init__()
        self.convs = nn.ModuleList(NormedConv(channels, groups) for _ in range(convolutions))
        self.fcs = nn.ModuleList((_linear(channels * GRID**2, hidden),))
        self.fc_embed = _linear(hidden, embedding, deviation=0.01)

    def forward(self, regions: Tensor) -> Tensor:
        """Regions (N, C, 7, 7) to embeddings (N, embedding), not normalised."""
        x = regions
        for layer in self.convs:
            x = layer(x)
        return self.fc_embed(F.relu(self.fcs[0](x.flatten(1))))


def convolution(before: int, after: int, kernel: int) -> nn.Conv2d:
    """A convolution that keeps the size, with the weights of mmdet's mask heads (fcn_mask_head.py:104-113)."""
    return _initialised(nn.Conv2d(before, after, kernel, padding=kernel // 2))


def doubling(channels: int) -> nn.ConvTranspose2d:
    """A transposed convolution to twice the size."""
    return _initialised(nn.ConvTranspose2d(channels, channels, 2, stride=2))


Convolution = TypeVar("Convolution", nn.Conv2d, nn.ConvTranspose2d)


def _initialised(layer: Convolution) -> Convolution:
    nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)
    return layer


def _linear(before: int, after: int, deviation: float | None = None) -> nn.Linear:
    """Weights of this deviation, or of Xavier's; bias zero (convfc_bbox_head.py, quasi_dense_embed_head.py:86-92)."""
    layer = nn.Linear(before, after)
    if deviation is None:
        nn.init.xavier_uniform_(layer.weight)
    else:
        nn.init.normal_(layer.weight, std=deviation)
    nn.init.zeros_(layer.bias)
    return layer
