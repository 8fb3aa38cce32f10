"""The region proposal network of Faster R-CNN on a feature pyramid."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from baselines.layers.deltas import clipped, decode_boxes
from baselines.layers.nms import batched_nms

RATIOS = (0.5, 1.0, 2.0)
"""Height by width of the anchors of a cell (SysCV/pcan@281e3a7 configs/qdtrack-frcnn_r50_fpn_12e_bdd100k.py:26)."""


@dataclass(frozen=True)
class Anchors:
    """The L boxes that proposals start from: level after level, row by row, the ratios of a cell in a row."""

    boxes: Tensor
    """(L, 4): x1, y1, x2, y2 in pixels."""
    levels: Tensor
    """(L,) from 0."""


@dataclass(frozen=True)
class RpnOutputs:
    """What is said of the L anchors of B images."""

    logits: Tensor
    """(B, L): whether there is an object."""
    deltas: Tensor
    """(B, L, 4)."""


@dataclass(frozen=True)
class ProposalSettings:
    """Which anchors become proposals."""

    candidates: int
    """The best of each level that enter suppression."""
    most: int
    overlap: float = 0.7
    """IoU above which the better of two boxes of a level suppresses the other (the same file:155)."""
    least_side: float = 0.0
    """Proposals with a shorter side are dropped (the same file:156)."""


def anchors_of(pyramid: Sequence[Tensor], finest: int, scale: float) -> Anchors:
    """The anchors of maps (B, C, h, w) of stride ``finest``, twice that, ...; their sides are ``scale`` strides.

    They are centred on the upper left corners of the cells: open-mmlab/mmdetection v2.10.0
    mmdet/core/anchor/anchor_generator.py:81-83, 160-185, 257-258.
    """
    boxes, levels = [], []
    for level, features in enumerate(pyramid):
        stride = finest * 2**level
        roots = torch.tensor(RATIOS, device=features.device).sqrt()
        half = scale * stride * torch.stack((1 / roots, roots), dim=-1) / 2
        y, x = (torch.arange(cells, device=features.device) * float(stride) for cells in features.shape[-2:])
        corners = torch.stack(torch.broadcast_tensors(x[None, :], y[:, None]), dim=-1).view(-1, 1, 2)
        boxes.append(torch.cat((corners - half, corners + half), dim=-1).flatten(0, 1))
        levels.append(torch.full((len(boxes[-1]),), level, device=features.device))
    return Anchors(torch.cat(boxes), torch.cat(levels))


class RpnHead(nn.Module):
    """A 3x3 convolution and two 1x1 ones, the same at all levels.

    open-mmlab/mmdetection v2.10.0 mmdet/models/dense_heads/rpn_head.py.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.rpn_conv = nn.Conv2d(channels, channels, 3, padding=1)
        self.rpn_cls = nn.Conv2d(channels, len(RATIOS), 1)
        self.rpn_reg = nn.Conv2d(channels, 4 * len(RATIOS), 1)
        for layer in (self.rpn_conv, self.rpn_cls, self.rpn_reg):
            nn.init.normal_(layer.weight, std=0.01)
            assert layer.bias is not None
            nn.init.zeros_(layer.bias)

    def forward(self, pyramid: Sequence[Tensor]) -> RpnOutputs:
        """Maps (B, C, h, w), finest first, to what is said of their anchors."""
        logits, deltas = [], []
        for features in pyramid:
            hidden = F.relu(self.rpn_conv(features))
            logits.append(self.rpn_cls(hidden).permute(0, 2, 3, 1).flatten(1))
            deltas.append(self.rpn_reg(hidden).permute(0, 2, 3, 1).reshape(len(features), -1, 4))
        return RpnOutputs(torch.cat(logits, dim=1), torch.cat(deltas, dim=1))


@torch.no_grad()
def proposals(
    outputs: RpnOutputs, anchors: Anchors, image: int, size: tuple[int, int], settings: ProposalSettings
) -> tuple[Tensor, Tensor]:
    """Boxes (K, 4) of one image of this height and width, best first, and their probabilities (K,).

    open-mmlab/mmdetection v2.10.0 mmdet/models/dense_heads/rpn_head.py:137-205.
    """
    scores = outputs.logits[image].sigmoid()
    rows = _best_of_levels(scores, anchors.levels, settings.candidates)
    boxes = clipped(decode_boxes(anchors.boxes[rows], outputs.deltas[image, rows]), *size)
    large = ((boxes[:, 2:] - boxes[:, :2]) >= settings.least_side).all(dim=1)
    boxes, rows = boxes[large], rows[large]
    kept = batched_nms(boxes, scores[rows], anchors.levels[rows], settings.overlap, settings.most)
    return boxes[kept], scores[rows[kept]]


def _best_of_levels(scores: Tensor, levels: Tensor, candidates: int) -> Tensor:
    chosen = []
    for level in range(int(levels.max()) + 1):
        here = torch.nonzero(levels == level)[:, 0]
        chosen.append(here[scores[here].topk(min(candidates, len(here))).indices])
    return torch.cat(chosen)
