"""IDOL's network: Deformable DETR on single frames, with dynamic masks and an embedding for every query."""

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers.models.deformable_detr.modeling_deformable_detr import DeformableDetrMLPPredictionHead as Mlp
from transformers.models.deformable_detr.modeling_deformable_detr import inverse_sigmoid

from baselines.idol.mask_head import CHANNELS, ENLARGED, MaskHead, instance_masks
from baselines.idol.transformer import LEVELS, DeformableTransformer, TransformerSettings
from baselines.layers.dynamic_mask import parameter_count
from baselines.layers.images import inside
from instmove.network.backbone import ResNet

PRIOR = 0.01
"""Probability that a fresh network gives every class (deformable_detr.py:95-97)."""
GROUPS = 32
"""Of the normalisation of the maps (deformable_detr.py:68-83)."""


@dataclass(frozen=True)
class NetworkSettings(TransformerSettings):
    """Sizes of the network, ``hosts.idol.network`` of a setup."""

    backbone: dict[str, Any]
    """``width``, ``depths``, ``norm`` and ``frozen_stages`` of :class:`instmove.network.backbone.ResNet`."""
    first: int
    """Finest stage of the backbone that is looked at, 3 in the paper: stride 8. Masks have half that stride."""
    queries: int


@dataclass(frozen=True)
class Prediction:
    """What one decoder layer says of B images."""

    queries: Tensor
    """(B, Q, D), of which masks and embeddings are made."""
    logits: Tensor
    """(B, Q, C), one for every class, none for nothing."""
    boxes: Tensor
    """(B, Q, 4): centre and size, in 0..1 of the image without padding."""
    points: Tensor
    """(B, Q, 2), in 0..1: what the coordinates of a query's mask are relative to."""


@dataclass(frozen=True)
class Outputs:
    """Predictions after every layer, and the encoder's maps (B, D, h, w), finest first."""

    predictions: tuple[Prediction, ...]
    maps: tuple[Tensor, ...]


class IdolNetwork(nn.Module):
    """ResNet, Deformable DETR, dynamic mask head and contrastive head; every frame is seen alone.

    wjf5203/VNext@db33833 projects/IDOL/idol/models/deformable_detr.py:42-111, segmentation_condInst.py:31-322.
    """

    def __init__(self, settings: NetworkSettings, classes: int) -> None:
        super().__init__()
        hidden, layers = settings.hidden, settings.decoder_layers
        self.first = settings.first
        self.backbone = ResNet(**settings.backbone)
        self.projections = _projections(self.backbone.channels[self.first - 2 :], hidden)
        self.transformer = DeformableTransformer(settings)
        self.queries = nn.Embedding(settings.queries, 2 * hidden)
        self.classifiers = nn.ModuleList(_classifier(hidden, classes) for _ in range(layers))
        self.controller = _controller(hidden)
        self.mask_head = MaskHead(hidden)
        self.embedder = Mlp(hidden, hidden, hidden, 3)
        self.feature_stride = 2**self.first
        self.mask_stride = self.feature_stride // ENLARGED

    def forward(self, images: Tensor, sizes: Tensor) -> Outputs:
        """Normalised RGB (B, 3, H, W), sides multiples of 32, and their ``sizes`` (B, 2) without padding."""
        maps = list(self.backbone(images)[self.first - 2 :])
        sources = maps + [maps[-1]] * (LEVELS - len(maps))
        projected = tuple(layer(source) for layer, source in zip(self.projections, sources, strict=True))
        decoded = self.transformer(projected, inside(images, sizes), self.queries.weight)
        boxes = self.transformer.decoder.bbox_embed
        predictions = [
            self._prediction(queries, reference, *heads)
            for queries, reference, *heads in zip(
                decoded.queries, decoded.references[:-1], self.classifiers, boxes, strict=True
            )
        ]
        return Outputs(tuple(predictions), decoded.maps)

    def _prediction(self, queries: Tensor, reference: Tensor, classifier: nn.Module, box: nn.Module) -> Prediction:
        start = inverse_sigmoid(reference)
        change = box(queries)
        missing = torch.zeros_like(change[..., start.shape[-1] :])  # the first layer's has no size yet
        boxes = (change + torch.cat((start, missing), dim=-1)).sigmoid()
        return Prediction(queries, classifier(queries), boxes, reference[..., :2])

    def features(self, outputs: Outputs) -> Tensor:
        """(B, 8, H / feature_stride, W / feature_stride), of which all masks of an image are made."""
        return self.mask_head(outputs.maps[: LEVELS - 1])

    def masks(self, features: Tensor, points: Tensor, queries: Tensor) -> Tensor:
        """Mask logits (N, H / mask_stride, W / mask_stride) of N ``queries`` (N, D) with ``points`` (N, 2) in pixels.

        ``features`` (N, 8, h, w) are those of each query's image.
        """
        return instance_masks(features, self.feature_stride, points, self.controller(queries))


def _projections(channels: tuple[int, ...], hidden: int) -> nn.ModuleList:
    """1x1 for every stage, and 3x3 of stride 2 on the last one for the level that is missing."""
    stages = [nn.Conv2d(before, hidden, 1) for before in channels]
    further = [nn.Conv2d(channels[-1], hidden, 3, 2, padding=1) for _ in range(LEVELS - len(channels))]
    for layer in stages + further:
        nn.init.xavier_uniform_(layer.weight)
        assert layer.bias is not None
        nn.init.zeros_(layer.bias)
    return nn.ModuleList(nn.Sequential(layer, nn.GroupNorm(GROUPS, hidden)) for layer in stages + further)


def _classifier(hidden: int, classes: int) -> nn.Linear:
    layer = nn.Linear(hidden, classes)
    nn.init.constant_(layer.bias, -math.log((1 - PRIOR) / PRIOR))
    return layer


def _controller(hidden: int) -> Mlp:
    """Query to the parameters of its mask network (segmentation_condInst.py:66-70)."""
    head = Mlp(hidden, hidden, parameter_count(CHANNELS), 3)
    for layer in head.layers:
        nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(layer.bias)
    return head
