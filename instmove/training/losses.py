"""Losses of masks: parts that several networks share, and InstMove's own, Dice and focal loss, 5 to 1 (Sec. 3.3)."""

from torch import Tensor
from torch.nn import functional as F

DICE_WEIGHT, FOCAL_WEIGHT = 5.0, 1.0
FOCAL_ALPHA, FOCAL_GAMMA = 0.25, 2.0
"""facebookresearch/detr@38553c9 models/segmentation.py, defaults of sigmoid_focal_loss."""


def sigmoid_focal_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Focal loss of every element, not reduced; ``targets`` are 0 or 1 in the shape of ``logits`` (Lin et al. 2017).

    Cross entropy times alpha_t (1 - p_t)^2: facebookresearch/detr@38553c9 models/segmentation.py, sigmoid_focal_loss;
    CrossVIS@378f4f3 adet/modeling/fcos/fcos_outputs.py:399-423.
    """
    errors = F.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    probabilities = logits.sigmoid()
    missed = probabilities + targets - 2 * probabilities * targets  # 1 - p_t
    return (FOCAL_ALPHA * targets + (1 - FOCAL_ALPHA) * (1 - targets)) * missed**FOCAL_GAMMA * errors


def dice_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """1 - (2 |p t| + 1) / (|p| + |t| + 1) with p = sigmoid(logits), of each of N masks; both (N, ...).

    facebookresearch/detr@38553c9 models/segmentation.py, dice_loss.
    """
    probabilities, truth = logits.sigmoid().flatten(1), targets.flatten(1)
    both = 2 * (probabilities * truth).sum(dim=1)
    return 1 - (both + 1) / (probabilities.sum(dim=1) + truth.sum(dim=1) + 1)


def mask_loss(logits: Tensor, target: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """The weighted sum and its unweighted parts ``dice`` and ``focal``; logits and 0/1 targets (B, H, W).

    Averages over instances, of the focal loss over pixels too.
    """
    parts = {"dice": dice_loss(logits, target).mean(), "focal": sigmoid_focal_loss(logits, target).mean()}
    return DICE_WEIGHT * parts["dice"] + FOCAL_WEIGHT * parts["focal"], parts
