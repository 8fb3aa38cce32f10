"""All-pairs correlation of two feature maps and its lookup around a flow estimate."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


class CorrelationPyramid:
    """Dot products of every pixel of map 1 with every pixel of map 2, pooled over map 2 (corr.py:12-60)."""

    def __init__(self, features1: Tensor, features2: Tensor, levels: int, radius: int):
        """Correlate (B, C, h, w) with (B, C, h, w); ``levels`` halvings less one, windows of 2 ``radius`` + 1."""
        self.radius = radius
        batch, channels, height, width = features1.shape
        volume = features1.float().flatten(2).mT @ features2.float().flatten(2) / math.sqrt(channels)
        self.levels = [volume.view(batch * height * width, 1, height, width)]
        for _ in range(levels - 1):
            self.levels.append(F.avg_pool2d(self.levels[-1], 2))

    def lookup(self, coordinates: Tensor) -> Tensor:
        """Sample a window around where each pixel points: (B, 2, h, w) to (B, levels * window^2, h, w).

        ``coordinates`` are (x, y) on map 2 at full level. The first axis of a window moves x, the second y: upstream
        adds a (dy, dx) grid to (x, y) (corr.py:37-43), and released weights rely on it.
        """
        batch, _, height, width = coordinates.shape
        centres = coordinates.permute(0, 2, 3, 1).reshape(-1, 1, 1, 2)
        steps = torch.arange(-self.radius, self.radius + 1, device=centres.device, dtype=centres.dtype)
        window = torch.stack(torch.meshgrid(steps, steps, indexing="ij"), dim=-1)
        sampled = [sample(level, centres / 2**i + window) for i, level in enumerate(self.levels)]
        return torch.cat(sampled, dim=1).view(batch, height, width, -1).permute(0, 3, 1, 2).contiguous()


def sample(volume: Tensor, points: Tensor) -> Tensor:
    """Bilinear values of (N, 1, h, w) at pixel positions (N, a, b, 2) as (N, a * b); zero outside (utils.py:57-71)."""
    size = torch.tensor(volume.shape[:1:-1], device=points.device, dtype=points.dtype)
    grid = 2 * points / (size - 1) - 1
    return F.grid_sample(volume, grid, align_corners=True).flatten(1)
