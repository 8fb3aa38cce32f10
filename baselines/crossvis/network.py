"""CrossVIS's network: CondInst on single frames, with an embedding for every instance."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from baselines.crossvis.head import FcosHead, Predictions
from baselines.layers.dynamic_mask import aligned_bilinear, parameter_count
from baselines.layers.fpn import FeaturePyramid, TwoMoreLevels
from baselines.layers.locations import Locations, locations_of
from baselines.layers.mask_branch import CHANNELS, REFINED, MaskBranch, instance_logits
from instmove.network.backbone import ResNet

ENLARGED = 2
"""Mask logits have half the stride of the features (dynamic_mask_head.py:190-193)."""


@dataclass(frozen=True)
class NetworkSettings:
    """Sizes of the network, ``hosts.crossvis.network`` of a setup."""

    backbone: dict[str, Any]
    """``width``, ``depths``, ``norm`` and ``frozen_stages`` of :class:`instmove.network.backbone.ResNet`."""
    first: int
    """Finest stage of the backbone in the pyramid, 3 in the paper: stride 8. Masks have half that stride."""
    channels: int
    """Of the pyramid and the towers, a multiple of 8."""
    tower: int
    """Convolutions in each tower of the head."""
    mask_channels: int
    mask_tower: int
    """Convolutions in the mask branch."""
    embedding: int
    sizes: Sequence[float]
    """Boundaries between the sizes of objects that the pyramid's levels answer for, pixels."""
    backbone_gradient: float
    """Factor on gradients into backbone and pyramid; 0.1 in the paper, which starts from COCO (crossvis.py:146-154)."""


@dataclass(frozen=True)
class Outputs:
    """The head's predictions at ``locations``, and the features (B, 8, h, w) that masks are made of."""

    locations: Locations
    predictions: Predictions
    features: Tensor


class CrossVisNetwork(nn.Module):
    """ResNet, feature pyramid, FCOS head and mask branch; every frame is seen alone.

    hustvl/CrossVIS@378f4f3 adet/modeling/condinst/crossvis.py:64-120. Modules have the official names, but for
    ``head``, which is ``proposal_generator.fcos_head`` there with the ``controller`` beside it.
    """

    def __init__(self, settings: NetworkSettings, classes: int) -> None:
        super().__init__()
        channels = settings.channels
        backbone = ResNet(**settings.backbone, stride_in_1x1=True)
        self.backbone = FeaturePyramid(backbone, channels, settings.first, TwoMoreLevels(channels))
        levels = len(settings.sizes) + 1
        self.head = FcosHead(levels, channels, settings.tower, classes, parameter_count(CHANNELS), settings.embedding)
        self.mask_branch = MaskBranch([channels] * REFINED, settings.mask_channels, settings.mask_tower)
        self.embedding = settings.embedding
        self.sizes = settings.sizes
        self.backbone_gradient = settings.backbone_gradient
        self.feature_stride = 2**settings.first
        self.mask_stride = self.feature_stride // ENLARGED

    def forward(self, images: Tensor) -> Outputs:
        """BGR (B, 3, H, W) in 0..255 minus the mean, both sides multiples of 32."""
        pyramid = [self._damped(features) for features in self.backbone(images)]
        locations = locations_of(pyramid, self.feature_stride)
        return Outputs(locations, self.head(pyramid), self.mask_branch(pyramid))

    def masks(self, features: Tensor, points: Tensor, levels: Tensor, parameters: Tensor) -> Tensor:
        """Mask logits (N, H / mask_stride, W / mask_stride) of N instances predicted at ``points`` of ``levels``.

        ``features`` (N, 8, h, w) are those of each instance's image.
        """
        reach = points.new_tensor([*self.sizes, 2 * self.sizes[-1]])[levels]
        logits = instance_logits(features, self.feature_stride, points, reach, parameters)
        return aligned_bilinear(logits[:, None], ENLARGED)[:, 0]

    def _damped(self, features: Tensor) -> Tensor:
        """The same values, and only a part of the gradient."""
        if not features.requires_grad:
            return features
        return self.backbone_gradient * features + (1 - self.backbone_gradient) * features.detach()
