"""MinVIS's network: Mask2Former on single frames, whose last queries are the tracking embeddings."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers.models.mask2former.configuration_mask2former import Mask2FormerConfig
from transformers.models.mask2former.modeling_mask2former import (
    Mask2FormerPixelDecoder,
    Mask2FormerPreTrainedModel,
    Mask2FormerTransformerModule,
)

from instmove.network.backbone import ResNet


@dataclass(frozen=True)
class NetworkSettings:
    """Sizes of the network, ``hosts.minvis.network`` of a setup."""

    backbone: dict[str, Any]
    """``width``, ``depths`` and ``norm`` of :class:`instmove.network.backbone.ResNet`."""
    hidden: int
    """Channels of pixel decoder, queries and mask features; a multiple of 32, the groups of the normalisation."""
    queries: int
    heads: int
    encoder_layers: int
    encoder_ffn: int
    decoder_layers: int
    """Predictions are one more: the queries as learned predict, too."""
    decoder_ffn: int
    points: int
    """Points at which the training losses look at a mask."""


@dataclass(frozen=True)
class Prediction:
    """What one decoder layer says: class logits (B, Q, C + 1), no-object last, and mask logits (B, Q, H/4, W/4)."""

    logits: Tensor
    masks: Tensor


@dataclass(frozen=True)
class Outputs:
    """Predictions of the learned queries and after each layer, and the final embeddings (B, Q, D)."""

    predictions: tuple[Prediction, ...]
    embeddings: Tensor


class MinVisNetwork(nn.Module):
    """A ResNet and Mask2Former; every frame is seen alone.

    NVlabs/MinVIS@d039c54 minvis/video_mask2former_transformer_decoder.py:23-162.
    """

    def __init__(self, settings: NetworkSettings, classes: int) -> None:
        super().__init__()
        self.settings = settings
        self.backbone = ResNet(**settings.backbone)
        self.mask2former = Mask2Former(settings, self.backbone.channels)
        self.class_predictor = nn.Linear(settings.hidden, classes + 1)

    def forward(self, images: Tensor) -> Outputs:
        """Normalised RGB (B, 3, H, W), both sides multiples of 32."""
        queries, masks = self.mask2former(self.backbone(images))
        predictions = (Prediction(self.class_predictor(q), m) for q, m in zip(queries, masks, strict=True))
        return Outputs(tuple(predictions), queries[-1])


class Mask2Former(Mask2FormerPreTrainedModel):
    """The library's pixel decoder and frame decoder on another backbone, initialised as the library does."""

    def __init__(self, settings: NetworkSettings, channels: tuple[int, ...]) -> None:
        super().__init__(_config(settings))
        self.pixel_decoder = Mask2FormerPixelDecoder(self.config, channels)
        self.transformer = Mask2FormerTransformerModule(settings.hidden, self.config)
        self.post_init()

    def forward(self, maps: tuple[Tensor, ...]) -> tuple[list[Tensor], tuple[Tensor, ...]]:
        """Normalised queries (B, Q, D) and mask logits (B, Q, H/4, W/4), both of every prediction, from four maps.

        The pixel decoder runs in single precision under autocast, too: NVlabs/MinVIS@d039c54
        mask2former/modeling/pixel_decoder/msdeformattn.py:314.
        """
        with torch.autocast(maps[0].device.type, enabled=False):
            pixels = self.pixel_decoder([features.float() for features in maps])
        decoded = self.transformer(pixels.multi_scale_features, pixels.mask_features)
        return [layer.transpose(0, 1) for layer in decoded.intermediate_hidden_states], decoded.masks_queries_logits


def _config(settings: NetworkSettings) -> Mask2FormerConfig:
    return Mask2FormerConfig(
        feature_size=settings.hidden,
        mask_feature_size=settings.hidden,
        hidden_dim=settings.hidden,
        num_queries=settings.queries,
        num_attention_heads=settings.heads,
        encoder_layers=settings.encoder_layers,
        encoder_feedforward_dim=settings.encoder_ffn,
        decoder_layers=settings.decoder_layers + 1,  # the library counts predictions
        dim_feedforward=settings.decoder_ffn,
    )
