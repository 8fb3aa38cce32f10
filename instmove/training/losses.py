"""The mask loss of Sec. 3.3: Dice and focal loss, weighted 5 to 1, as DETR defines them on masks."""

from torch import Tensor
from torch.nn import functional as F

DICE_WEIGHT, FOCAL_WEIGHT = 5.0, 1.0
FOCAL_ALPHA, FOCAL_GAMMA = 0.25, 2.0
"""facebookresearch/detr@38553c9 models/segmentation.py, defaults of sigmoid_focal_loss."""


def dice_loss(logits: Tensor, target: Tensor) -> Tensor:
    """1 - (2 |p t| + 1) / (|p| + |t| + 1) with p = sigmoid(logits), averaged over B instances; both (B, H, W).

    facebookresearch/detr@38553c9 models/segmentation.py, dice_loss, with num_boxes = B.
    """
    probability, target = logits.sigmoid().flatten(1), target.flatten(1)
    overlap = (probability * target).sum(1)
    total = probability.sum(1) + target.sum(1)
    return (1 - (2 * overlap + 1) / (total + 1)).mean()


def focal_loss(logits: Tensor, target: Tensor) -> Tensor:
    """Cross entropy times alpha_t (1 - p_t)^2, averaged over pixels and instances; both (B, H, W).

    facebookresearch/detr@38553c9 models/segmentation.py, sigmoid_focal_loss, with num_boxes = B.
    """
    entropy = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    probability = logits.sigmoid()
    missed = probability + target - 2 * probability * target  # 1 - p_t
    alpha = FOCAL_ALPHA * target + (1 - FOCAL_ALPHA) * (1 - target)
    return (alpha * missed**FOCAL_GAMMA * entropy).mean()


def mask_loss(logits: Tensor, target: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """The weighted sum and its unweighted parts ``dice`` and ``focal``; logits and 0/1 targets (B, H, W)."""
    parts = {"dice": dice_loss(logits, target), "focal": focal_loss(logits, target)}
    return DICE_WEIGHT * parts["dice"] + FOCAL_WEIGHT * parts["focal"], parts
