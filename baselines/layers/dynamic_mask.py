"""CondInst's mask head: small networks of 1x1 convolutions whose weights were predicted, one for every instance."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor
from torch.nn import functional as F


def parameter_count(channels: Sequence[int]) -> int:
    """Predicted numbers an instance needs; ``channels`` from input to output, (10, 8, 8, 1) in the papers: 169."""
    return sum(before * after + after for before, after in pairwise(channels))


def dynamic_masks(inputs: Tensor, parameters: Tensor, channels: Sequence[int]) -> Tensor:
    """Mask logits (N, h, w) of ``inputs`` (N, channels[0], h, w) under each instance's own ``parameters`` (N, P).

    P holds the weights of all layers, each (out, in) with out slowest, then their biases; ReLU between layers
    (CrossVIS@378f4f3 modeling/condinst/dynamic_mask_head.py:57-83, 111-146).
    """
    layers = list(pairwise(channels))
    sizes = [before * after for before, after in layers] + [after for _, after in layers]
    blocks = parameters.split(sizes, dim=1)
    x = inputs.flatten(2)
    for number, (before, after) in enumerate(layers):
        weight, bias = blocks[number].view(-1, after, before), blocks[number + len(layers)]
        x = torch.baddbmm(bias[:, :, None], weight, x)
        if number < len(layers) - 1:
            x = F.relu(x)
    return x.view(len(x), *inputs.shape[2:])


def pixel_centres(height: int, width: int, stride: int, device: torch.device | None = None) -> Tensor:
    """(height, width, 2): x, y in pixels of each cell of a map, stride * cell + stride // 2 (utils/comm.py:45-60)."""
    y, x = (torch.arange(n, device=device) * stride + stride // 2 for n in (height, width))
    return torch.stack(torch.broadcast_tensors(x[None, :], y[:, None]), dim=-1).float()


def relative_coordinates(points: Tensor, height: int, width: int, stride: int) -> Tensor:
    """(N, 2, height, width): ``points`` (N, 2), as x, y in pixels, minus the centre of each cell of a map."""
    centres = pixel_centres(height, width, stride, points.device)
    return points[:, :, None, None] - centres.permute(2, 0, 1)


def aligned_bilinear(maps: Tensor, factor: int) -> Tensor:
    """(B, C, h, w) enlarged to (B, C, factor h, factor w), cell centres at multiples of ``factor`` plus half of it.

    CrossVIS@378f4f3 adet/utils/comm.py:22-42.
    """
    height, width = maps.shape[-2] * factor, maps.shape[-1] * factor
    padded = F.pad(maps, (0, 1, 0, 1), mode="replicate")
    enlarged = F.interpolate(padded, (height + 1, width + 1), mode="bilinear", align_corners=True)
    shifted = F.pad(enlarged, (factor // 2, 0, factor // 2, 0), mode="replicate")
    return shifted[..., :height, :width]
