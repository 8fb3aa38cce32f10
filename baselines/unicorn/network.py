"""Unicorn's network: YOLOX with CondInst's masks, and embeddings that depend on two frames."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from baselines.layers.locations import Locations, locations_of
from baselines.layers.mask_branch import MaskBranch, instance_logits
from baselines.unicorn.blocks import group_norm
from baselines.unicorn.head import Predictions, UnicornHead
from baselines.unicorn.interaction import FrameInteraction, embedding_layers
from baselines.unicorn.pyramid import PathAggregation
from baselines.unicorn.upsampling import convex_upsampled, weight_layers


@dataclass(frozen=True)
class NetworkSettings:
    """Sizes of the network, ``hosts.unicorn.network`` of a setup; channels are multiples of 32."""

    backbone: dict[str, Any]
    """``kind``, resnet or convnext, and the sizes of :class:`instmove.network.backbone.ResNet` or
    :class:`baselines.layers.convnext.ConvNext`. Its last three stages are read: of four, as in the paper, strides 8,
    16 and 32."""
    bottlenecks: int
    """In every layer of the path aggregation."""
    channels: int
    """Of the head."""
    blocks: int
    """Of ConvNeXt, in the head of each level."""
    tower: int
    """Convolutions in both towers of the head."""
    mask_channels: int
    mask_tower: int
    """Convolutions in the mask branch."""
    mask_stride: int
    """Pixels of the input in a pixel of a mask, each way."""
    sizes: Sequence[float]
    """The sizes of objects that the three levels are for, pixels: coordinates of their masks are divided by it."""
    hidden: int
    """Channels of the interaction."""
    heads: int
    points: int
    """That a head looks at in every frame."""
    ffn: int
    positions: int
    """Rows, and columns, in the table of learned positions."""
    embedding: int


@dataclass(frozen=True)
class Outputs:
    """The head's predictions at ``locations`` of B images, and what their masks are made of."""

    locations: Locations
    predictions: Predictions
    features: Tensor
    """(B, 8, h, w)."""
    weights: Tensor
    """(B, 9 n², h, w): how masks are enlarged n times."""


class UnicornNetwork(nn.Module):
    """Detection on single frames and embeddings from two.

    MasterBin-IIAU/Unicorn@4da9079 unicorn/models/unicorn.py. Images are BGR (B, 3, H, W) in 0..255, both sides
    multiples of the coarsest stride.
    """

    def __init__(self, settings: NetworkSettings, classes: int) -> None:
        super().__init__()
        self.backbone = PathAggregation(settings.backbone, settings.bottlenecks)
        channels = self.backbone.channels
        self.stride = self.backbone.stride
        self.mask_stride, self.sizes = settings.mask_stride, settings.sizes
        self.head = UnicornHead(channels, settings.channels, settings.blocks, settings.tower, classes)
        self.mask_branch = MaskBranch(channels, settings.mask_channels, settings.mask_tower, group_norm)
        self.up_mask_layer = weight_layers(settings.mask_channels, self.stride // self.mask_stride)
        self.interaction = FrameInteraction(
            channels[1], settings.hidden, settings.heads, settings.points, settings.ffn, settings.positions
        )
        self.upsample_layer = embedding_layers(settings.hidden, settings.embedding)

    def maps(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The backbone's maps, finest first; the middle one is what frames show each other."""
        return self.backbone.maps(images)

    def forward(self, maps: Sequence[Tensor], targets: Sequence[Tensor] | None = None) -> Outputs:
        """What is in the images that these maps are of; ``targets`` as :class:`UnicornHead` takes them."""
        pyramid = self.backbone(*maps)
        merged = self.mask_branch.merged(pyramid)
        return Outputs(
            locations_of(pyramid, self.stride),
            self.head(pyramid, targets),
            self.mask_branch.tower(merged),
            self.up_mask_layer(merged),
        )

    def embeddings(self, previous: Tensor, current: Tensor) -> tuple[Tensor, Tensor]:
        """Embedding maps (B, D, h, w) at the finest stride of two frames, from their middle maps."""
        first, second = self.interaction(previous, current)
        return self.upsample_layer(first), self.upsample_layer(second)

    def masks(self, outputs: Outputs, image: int, rows: Tensor) -> Tensor:
        """Mask logits (N, H / mask_stride, W / mask_stride) of what locations ``rows`` (N,) of an image predict."""
        features = outputs.features[image].expand(len(rows), -1, -1, -1)
        reach = outputs.features.new_tensor(self.sizes)[outputs.locations.levels[rows]]
        points, parameters = outputs.locations.points[rows], outputs.predictions.parameters[image, rows]
        logits = instance_logits(features, self.stride, points, reach, parameters)
        return convex_upsampled(logits, outputs.weights[image])
