"""Attention to a few learned points of several maps (Deformable DETR, Zhu et al., 2021)."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Shape = tuple[int, int]


def sampled_attention(values: Tensor, shapes: Sequence[Shape], places: Tensor, weights: Tensor) -> Tensor:
    """Weighted sums of bilinear samples, (B, Q, heads * channels).

    ``values`` (B, S, heads, channels) holds the maps of these ``shapes`` (height, width) one after the other, row by
    row. ``places`` (B, Q, heads, levels, points, 2) are x, y, 0 and 1 being the outer sides of a map, and ``weights``
    (B, Q, heads, levels, points). Outside of a map values are zero.
    """
    batch, queries, heads = weights.shape[:3]
    maps = values.split([height * width for height, width in shapes], dim=1)
    grids = (2 * places - 1).transpose(1, 2).flatten(0, 1)  # (B * heads, Q, levels, points, 2)
    samples = []
    for level, (height, width) in enumerate(shapes):
        image = maps[level].permute(0, 2, 3, 1).reshape(batch * heads, -1, height, width)
        samples.append(F.grid_sample(image, grids[:, :, level], align_corners=False))
    stacked = torch.cat(samples, dim=-1)  # (B * heads, channels, Q, levels * points)
    attention = weights.transpose(1, 2).reshape(batch * heads, 1, queries, -1)
    summed = (stacked * attention).sum(dim=-1)
    return summed.view(batch, -1, queries).transpose(1, 2)


def cell_centres(shapes: Sequence[Shape], device: torch.device | None = None) -> Tensor:
    """(S, 2): x, y of the centre of every cell of maps of these shapes, 0 and 1 being the outer sides of its map."""
    centres = []
    for height, width in shapes:
        y, x = ((torch.arange(side, device=device) + 0.5) / side for side in (height, width))
        centres.append(torch.stack(torch.broadcast_tensors(x[None, :], y[:, None]), dim=-1).flatten(0, 1))
    return torch.cat(centres)


class DeformableAttention(nn.Module):
    """Every query looks at ``points`` places of every map, near its own, and mixes what is there.

    Names and arithmetic are those of fundamentalvision/Deformable-DETR models/ops/modules/ms_deform_attn.py:30-115.
    """

    def __init__(self, channels: int, levels: int, heads: int, points: int) -> None:
        super().__init__()
        self.split = heads, levels, points
        self.sampling_offsets = nn.Linear(channels, heads * levels * points * 2)
        self.attention_weights = nn.Linear(channels, heads * levels * points)
        self.value_proj = nn.Linear(channels, channels)
        self.output_proj = nn.Linear(channels, channels)
        self._initialise()

    def forward(self, queries: Tensor, places: Tensor, inputs: Tensor, shapes: Sequence[Shape]) -> Tensor:
        """Queries (B, Q, C) at ``places`` (Q, 2), as :func:`cell_centres`, over ``inputs`` (B, S, C): (B, Q, C).

        ``shapes`` are height and width of the maps that ``inputs`` holds one after the other.
        """
        heads, levels, points = self.split
        values = self.value_proj(inputs).unflatten(-1, (heads, -1))
        offsets = self.sampling_offsets(queries).unflatten(-1, (heads, levels, points, 2))
        weights = self.attention_weights(queries).unflatten(-1, (heads, levels * points)).softmax(dim=-1)
        sides = offsets.new_tensor(shapes).flip(-1)[:, None]  # (levels, 1, 2): width, height
        absolute = places[:, None, None, None] + offsets / sides
        mixed = sampled_attention(values, shapes, absolute, weights.unflatten(-1, (levels, points)))
        output: Tensor = self.output_proj(mixed)
        return output

    @torch.no_grad()
    def _initialise(self) -> None:
        """At first each head looks in its own direction, point p at p cells' distance, with equal weights."""
        heads, levels, points = self.split
        angles = torch.arange(heads) * (2 * math.pi / heads)
        directions = torch.stack((angles.cos(), angles.sin()), dim=-1)
        directions = directions / directions.abs().amax(dim=-1, keepdim=True)
        steps = torch.arange(1, points + 1)[:, None]
        bias = (directions[:, None, None] * steps).expand(heads, levels, points, 2)
        self.sampling_offsets.bias.copy_(bias.flatten())
        for zero in (self.sampling_offsets.weight, self.attention_weights.weight, self.attention_weights.bias):
            zero.zero_()
        for projection in (self.value_proj, self.output_proj):
            nn.init.xavier_uniform_(projection.weight)
            projection.bias.zero_()
