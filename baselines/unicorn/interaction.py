"""Two frames look at each other: the features that embeddings are made of."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from baselines.layers.deformable_attention import DeformableAttention, Shape, cell_centres

FRAMES = 2  # the previous one and the current one (unicorn/models/unicorn.py:238-252)


class LearnedPositions(nn.Module):
    """A table for rows and one for columns, stretched over the map; unicorn/models/position_encoding.py:10-42."""

    def __init__(self, channels: int, size: int) -> None:
        """Tables of ``size`` entries, half of the ``channels`` each."""
        super().__init__()
        self.row_embed = nn.Embedding(size, channels // 2)
        self.col_embed = nn.Embedding(size, channels // 2)
        nn.init.uniform_(self.row_embed.weight)
        nn.init.uniform_(self.col_embed.weight)

    def forward(self, height: int, width: int) -> Tensor:
        """(1, C, height, width), the columns' channels first."""
        rows, columns = self.row_embed.weight, self.col_embed.weight
        parts = torch.broadcast_tensors(columns.T[:, None, :], rows.T[:, :, None])
        return F.interpolate(torch.cat(parts)[None], (height, width), mode="bilinear", align_corners=False)


class EncoderLayer(nn.Module):
    """Deformable self-attention over both frames and a feed-forward part; unicorn/models/deformable_transformer.py."""

    def __init__(self, channels: int, heads: int, points: int, ffn: int) -> None:
        super().__init__()
        self.self_attn = DeformableAttention(channels, FRAMES, heads, points)
        self.norm1 = nn.LayerNorm(channels)
        self.linear1 = nn.Linear(channels, ffn)
        self.linear2 = nn.Linear(ffn, channels)
        self.norm2 = nn.LayerNorm(channels)
        for linear in (self.linear1, self.linear2):
            nn.init.xavier_uniform_(linear.weight)

    def forward(self, tokens: Tensor, positions: Tensor, shapes: list[Shape]) -> Tensor:
        """Tokens (B, S, C) of maps with these shapes, and where they are, (B, S, C), to (B, S, C)."""
        places = cell_centres(shapes, tokens.device)
        tokens = self.norm1(tokens + self.self_attn(tokens + positions, places, tokens, shapes))
        output: Tensor = self.norm2(tokens + self.linear2(F.relu(self.linear1(tokens))))
        return output


class FrameInteraction(nn.Module):
    """Learned positions and one encoder layer (deformable_transformer.py:21-89; models/unicorn.py:36-40, 260-276)."""

    def __init__(self, before: int, channels: int, heads: int, points: int, ffn: int, positions: int) -> None:
        """Maps with ``before`` channels become ``channels``, a multiple of 32; ``positions`` entries a table."""
        super().__init__()
        self.bottleneck = nn.Sequential(nn.Conv2d(before, channels, 1), nn.GroupNorm(32, channels))
        self.positions = LearnedPositions(channels, positions)
        self.level_embed = nn.Parameter(torch.randn(FRAMES, channels))
        self.layer = EncoderLayer(channels, heads, points, ffn)

    def forward(self, previous: Tensor, current: Tensor) -> tuple[Tensor, Tensor]:
        """Maps (B, before, h, w) of two frames to maps (B, channels, h, w) of both."""
        height, width = current.shape[-2:]
        where = self.positions(height, width).flatten(2).transpose(1, 2)
        tokens = [self.bottleneck(features).flatten(2).transpose(1, 2) for features in (previous, current)]
        positions = torch.cat([where + frame for frame in self.level_embed], dim=1)
        shapes = [(height, width)] * FRAMES
        found = self.layer(torch.cat(tokens, dim=1), positions, shapes).transpose(1, 2)
        first, second = (half.unflatten(2, (height, width)) for half in found.chunk(FRAMES, dim=2))
        return first, second


def embedding_layers(channels: int, embedding: int) -> nn.Sequential:
    """Maps (B, channels, h, w) to embeddings (B, embedding, 2h, 2w) (unicorn/models/unicorn.py:41-44)."""
    return nn.Sequential(
        nn.PixelShuffle(2),
        nn.Conv2d(channels // 4, channels, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(channels, embedding, 3, padding=1),
    )


def embeddings_at(boxes: Tensor, embeddings: Tensor, stride: int) -> Tensor:
    """(N, D): the embedding map (D, h, w) at the centres of boxes (N, 4) in pixels, bilinear.

    The first and the last cell are mapped to the outer sides of the map, as the authors do it: external/qdtrack/
    qdtrack/apis/test_omni.py:110-122, unicorn/models/unicorn.py:432-436.
    """
    sides = boxes.new_tensor([embeddings.shape[2] - 1, embeddings.shape[1] - 1])
    cells = (boxes[:, :2] + boxes[:, 2:]) / 2 / stride - 0.5
    grid = (torch.minimum(cells.clamp(min=0), sides) / sides - 0.5) * 2
    sampled = F.grid_sample(embeddings[None], grid[None, None], padding_mode="border", align_corners=False)
    return sampled[0, :, 0].T
