"""Mask losses at sampled points, as PointRend draws them: many where the prediction is uncertain, some anywhere.

Points are (x, y) in [0, 1], so that masks of any two resolutions can be compared. facebookresearch/Mask2Former as in
NVlabs/MinVIS@d039c54 mask2former_video/modeling/criterion.py:122-243, matcher.py:96-156.
"""

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

OVERSAMPLE = 3
IMPORTANCE = 0.75
"""Part of the points that are the most uncertain of OVERSAMPLE times as many.

NVlabs/MinVIS@d039c54 configs/ovis/video_maskformer2_R50_bs32_8ep_frame.yaml:38-39.
"""


def sample(maps: Tensor, points: Tensor) -> Tensor:
    """Bilinear values (N, K, P) of maps (N, K, h, w) at points (N, P, 2); zero outside."""
    return F.grid_sample(maps, 2 * points[:, None] - 1, mode="bilinear", align_corners=False)[:, :, 0]


def random_points(count: int, points: int, generator: Generator) -> Tensor:
    """Uniform points (count, points, 2) on the generator's device."""
    return torch.rand(count, points, 2, device=generator.device, generator=generator)


@torch.no_grad()
def uncertain_points(masks: Tensor, points: int, generator: Generator) -> Tensor:
    """Points (M, points, 2) for mask logits (M, h, w): IMPORTANCE of them near the masks' edges, the rest anywhere."""
    drawn = random_points(len(masks), OVERSAMPLE * points, generator)
    certainty = sample(masks[:, None], drawn)[:, 0].abs()
    uncertain = certainty.topk(int(IMPORTANCE * points), dim=1, largest=False).indices
    chosen = drawn.gather(1, uncertain[..., None].expand(-1, -1, 2))
    return torch.cat((chosen, random_points(len(masks), points - chosen.shape[1], generator)), dim=1)


def bce(logits: Tensor, targets: Tensor) -> Tensor:
    """Cross entropy (M,) of logits and 0..1 targets (M, P), averaged over points."""
    return F.binary_cross_entropy_with_logits(logits, targets, reduction="none").mean(dim=1)


def pairwise_bce(logits: Tensor, targets: Tensor) -> Tensor:
    """:func:`bce` of every prediction (B, Q, P) with every target (B, N, P), as (B, Q, N)."""
    foreground, background = F.softplus(-logits), F.softplus(logits)
    return (foreground @ targets.mT + background @ (1 - targets).mT) / logits.shape[-1]


def pairwise_dice(logits: Tensor, targets: Tensor) -> Tensor:
    """Dice loss, smoothed by one, of every prediction (B, Q, P) with every target (B, N, P), as (B, Q, N)."""
    probability = logits.sigmoid()
    total = probability.sum(dim=-1)[..., None] + targets.sum(dim=-1)[:, None]
    return 1 - (2 * probability @ targets.mT + 1) / (total + 1)
