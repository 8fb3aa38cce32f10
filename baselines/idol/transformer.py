"""Deformable DETR's transformer: encoder over four maps, decoder whose boxes are refined from layer to layer."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers.models.deformable_detr.configuration_deformable_detr import DeformableDetrConfig
from transformers.models.deformable_detr.modeling_deformable_detr import (
    DeformableDetrDecoder,
    DeformableDetrEncoder,
    DeformableDetrSinePositionEmbedding,
)
from transformers.models.deformable_detr.modeling_deformable_detr import DeformableDetrMLPPredictionHead as Mlp

LEVELS = 4
"""Maps that the transformer looks at (wjf5203/VNext@db33833 projects/IDOL/idol/config.py:49)."""
ZERO_AT_FIRST = ("sampling_offsets.weight", "attention_weights.weight")


@dataclass(frozen=True)
class TransformerSettings:
    """Sizes of encoder and decoder."""

    hidden: int
    """Channels of maps and queries, a multiple of 32."""
    heads: int
    encoder_layers: int
    decoder_layers: int
    ffn: int
    points: int
    """Points that a head looks at in every map."""
    dropout: float


@dataclass(frozen=True)
class Decoded:
    """What the transformer makes of B images."""

    maps: tuple[Tensor, ...]
    """The encoder's, (B, D, h, w), finest first."""
    queries: tuple[Tensor, ...]
    """(B, Q, D) after every decoder layer."""
    references: tuple[Tensor, ...]
    """What every layer starts from: points (B, Q, 2) for the first, then boxes (B, Q, 4) centre and size; in 0..1."""


class DeformableTransformer(nn.Module):
    """The library's encoder and decoder without a backbone of theirs; every frame is an image of its own.

    wjf5203/VNext@db33833 projects/IDOL/idol/models/deformable_transformer.py.
    """

    def __init__(self, settings: TransformerSettings) -> None:
        super().__init__()
        config = _config(settings)
        self.encoder = DeformableDetrEncoder(config)
        self.encoder.dropout = 0.0  # the authors drop nothing of the encoder's input
        self.decoder = DeformableDetrDecoder(config)
        self.level_embed = nn.Parameter(torch.empty(LEVELS, settings.hidden))
        self.reference_points = nn.Linear(settings.hidden, 2)
        self._initialise()
        self.decoder.bbox_embed = nn.ModuleList(
            _box_head(settings.hidden, first=layer == 0) for layer in range(settings.decoder_layers)
        )
        self.positions = DeformableDetrSinePositionEmbedding(settings.hidden // 2, normalize=True)

    @torch.no_grad()
    def _initialise(self) -> None:
        """deformable_transformer.py:70-80; what points look at first is the library's own, which is the same."""
        for name, parameter in self.named_parameters():
            if parameter.dim() > 1 and not name.endswith(ZERO_AT_FIRST):
                nn.init.xavier_uniform_(parameter)
        nn.init.zeros_(self.reference_points.bias)
        nn.init.normal_(self.level_embed)

    def forward(self, maps: tuple[Tensor, ...], inside: Tensor, queries: Tensor) -> Decoded:
        """Maps (B, D, h, w), finest first, where the image is (B, H, W), and learned queries (Q, 2 D).

        Of a query the first half is its position, the second its content.
        """
        masks = _level_masks(inside, maps)
        shapes = [(features.shape[-2], features.shape[-1]) for features in maps]
        geometry = _geometry(masks, shapes)
        mask = torch.cat([part.flatten(1) for part in masks], dim=1)
        memory = self.encoder(
            inputs_embeds=_flat(maps),
            attention_mask=mask,
            spatial_position_embeddings=self._positions(maps, masks),
            **geometry,
        ).last_hidden_state
        position, content = (half.expand(len(memory), -1, -1) for half in queries.chunk(2, dim=1))
        start = self.reference_points(position).sigmoid()
        decoded = self.decoder(
            inputs_embeds=content,
            object_queries_position_embeddings=position,
            encoder_hidden_states=memory,
            encoder_attention_mask=mask,
            reference_points=start,
            **geometry,
        )
        refined = decoded.intermediate_reference_points.unbind(1)
        return Decoded(_unflat(memory, shapes), decoded.intermediate_hidden_states.unbind(1), (start, *refined))

    def _positions(self, maps: tuple[Tensor, ...], masks: list[Tensor]) -> Tensor:
        """(B, pixels, D): where a pixel is, and in which map."""
        levels = [
            self.positions(features.shape, features.device, features.dtype, mask) + level[:, None, None]
            for features, mask, level in zip(maps, masks, self.level_embed, strict=True)
        ]
        return _flat(levels)


def _config(settings: TransformerSettings) -> DeformableDetrConfig:
    return DeformableDetrConfig(
        d_model=settings.hidden,
        encoder_layers=settings.encoder_layers,
        encoder_attention_heads=settings.heads,
        encoder_ffn_dim=settings.ffn,
        encoder_n_points=settings.points,
        decoder_layers=settings.decoder_layers,
        decoder_attention_heads=settings.heads,
        decoder_ffn_dim=settings.ffn,
        decoder_n_points=settings.points,
        num_feature_levels=LEVELS,
        dropout=settings.dropout,
        attention_dropout=settings.dropout,
        activation_dropout=settings.dropout,
    )


def _box_head(hidden: int, first: bool) -> Mlp:
    """Starts as no change, and boxes of a tenth of the image (deformable_detr.py:95-111)."""
    head = Mlp(hidden, hidden, 4, 3)
    nn.init.zeros_(head.layers[-1].weight)
    nn.init.zeros_(head.layers[-1].bias)
    if first:
        nn.init.constant_(head.layers[-1].bias[2:], -2.0)
    return head


def _level_masks(inside: Tensor, maps: tuple[Tensor, ...]) -> list[Tensor]:
    """Which cells of every map are in the image: its first pixel decides (idol.py:45-53).

    The coarsest follows the finest map, not the image (segmentation_condInst.py:101-115).
    """
    masks = [_nearest(inside, features) for features in maps[:-1]]
    return [*masks, _nearest(masks[0], maps[-1])]


def _nearest(mask: Tensor, features: Tensor) -> Tensor:
    return F.interpolate(mask[None].float(), features.shape[-2:])[0].bool()


def _geometry(masks: list[Tensor], shapes: list[tuple[int, int]]) -> dict[str, object]:
    """The sizes of the maps, and which part of their width and height is the image, as the library wants them."""
    return {
        "spatial_shapes": torch.tensor(shapes, device=masks[0].device),
        "spatial_shapes_list": shapes,
        "valid_ratios": torch.stack([_valid_ratio(mask) for mask in masks], dim=1),
    }


def _valid_ratio(mask: Tensor) -> Tensor:
    """(B, 2): of the width and of the height."""
    return torch.stack((mask[:, 0].float().mean(dim=1), mask[:, :, 0].float().mean(dim=1)), dim=-1)


def _flat(maps: tuple[Tensor, ...] | list[Tensor]) -> Tensor:
    """Maps (B, D, h, w) as (B, pixels, D)."""
    return torch.cat([features.flatten(2).transpose(1, 2) for features in maps], dim=1)


def _unflat(memory: Tensor, shapes: list[tuple[int, int]]) -> tuple[Tensor, ...]:
    parts = memory.split([height * width for height, width in shapes], dim=1)
    return tuple(part.transpose(1, 2).unflatten(2, shape) for part, shape in zip(parts, shapes, strict=True))
