"""PCAN's network: Faster R-CNN with masks and embeddings, and attention to what was seen before."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from baselines.layers.fpn import FeaturePyramid, PooledLevel
from baselines.layers.roi_align import pyramid_roi_align
from baselines.layers.rpn import Anchors, ProposalSettings, RpnHead, anchors_of
from baselines.pcan.attention import FrameAttention
from baselines.pcan.heads import GRID, MASK_GRID, BoxHead, EmbeddingHead, MaskHead
from baselines.pcan.refine import RefineHead
from baselines.settings import settings_of
from instmove.network.backbone import ResNet

FINEST = 4
"""Stride of P2 (configs/qdtrack-frcnn_r50_fpn_12e_bdd100k.py:27)."""
LEVELS = 4
"""Regions take their features from P2 to P5; proposals come from P6, too (the same file:27, 37-41, 56-60)."""


@dataclass(frozen=True)
class NetworkSettings:
    """Sizes of the network, ``hosts.pcan.network`` of a setup."""

    backbone: dict[str, Any]
    """``width``, ``depths``, ``norm`` and ``frozen_stages`` of :class:`instmove.network.backbone.ResNet`."""
    channels: int
    """Of the pyramid and everything after it."""
    anchor_scale: float
    """Side of the square anchors in strides of their level, 8 in the paper: 32 pixels and more."""
    proposals: dict[str, Any]
    """``candidates`` and ``most`` of :class:`baselines.layers.rpn.ProposalSettings`."""
    hidden: int
    """Width of the linear layers."""
    convolutions: int
    """In the mask head and in the embedding head."""
    groups: int
    """Of the normalisation in the embedding head."""
    embedding: int
    prototypes: int
    """Of a frame's level."""
    instance_prototypes: int
    """Of an instance's foreground, and of its background."""
    regions: int
    """Sampled from a frame in training for the box head, 512 in the paper; anchors and embeddings have half of it."""


class PcanNetwork(nn.Module):
    """The parts; ``baselines.pcan.detection`` puts them together for a frame, ``baselines.pcan.task`` for training.

    SysCV/pcan@281e3a7 pcan/models/mot/quasi_dense_pcan_seg_refine.py. Modules have the official names, but for the
    backbone (see ``baselines.pcan.checkpoint``).
    """

    def __init__(self, settings: NetworkSettings, classes: int) -> None:
        super().__init__()
        self.settings, self.classes = settings, classes
        channels, hidden = settings.channels, settings.hidden
        self.backbone = FeaturePyramid(ResNet(**settings.backbone), channels, 2, PooledLevel())
        self.attention = FrameAttention(channels, settings.prototypes)
        self.rpn_head = RpnHead(channels)
        self.bbox_head = BoxHead(channels, hidden, classes)
        self.mask_head = MaskHead(channels, settings.convolutions, classes)
        self.track_head = EmbeddingHead(channels, settings.convolutions, settings.groups, hidden, settings.embedding)
        self.refine_head = RefineHead(channels, settings.instance_prototypes)
        self.proposals = settings_of(ProposalSettings, settings.proposals, "hosts.pcan.network.proposals")

    def pyramid(self, images: Tensor) -> list[Tensor]:
        """Normalised RGB (B, 3, H, W), both sides multiples of 32, to the maps P2 to P6."""
        return self.backbone(images)

    def anchors(self, pyramid: Sequence[Tensor]) -> Anchors:
        """The anchors of these maps."""
        return anchors_of(pyramid, FINEST, self.settings.anchor_scale)

    def regions(self, pyramid: Sequence[Tensor], images: Tensor, boxes: Tensor) -> Tensor:
        """Features (N, C, 7, 7) of boxes (N, 4) of the images (N,)."""
        return pyramid_roi_align(pyramid[:LEVELS], FINEST, images, boxes, GRID)

    def mask_regions(self, pyramid: Sequence[Tensor], images: Tensor, boxes: Tensor) -> Tensor:
        """Features (N, C, 14, 14) of boxes (N, 4) of the images (N,)."""
        return pyramid_roi_align(pyramid[:LEVELS], FINEST, images, boxes, MASK_GRID)
