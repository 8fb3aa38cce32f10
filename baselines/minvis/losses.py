"""MinVIS's training losses, those of Mask2Former on images."""

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from baselines.layers.hungarian import BCE_WEIGHT, CLASS_WEIGHT, DICE_WEIGHT, Matches, Objects, match
from baselines.layers.point_losses import bce, sample, uncertain_points
from baselines.minvis.network import Prediction
from instmove.training.loop import Losses
from instmove.training.losses import dice_loss

NO_OBJECT_WEIGHT = 0.1
"""NVlabs/MinVIS@d039c54 configs/ovis/video_maskformer2_R50_bs32_8ep_frame.yaml:23-39."""


def mask2former_losses(
    predictions: tuple[Prediction, ...], objects: Objects, points: int, generator: Generator
) -> Losses:
    """``loss``, the weighted sum over all predictions, and its unweighted parts ``class``, ``bce`` and ``dice``.

    Every prediction, that of the learned queries too, is matched and judged by itself, masks at ``points`` points.
    NVlabs/MinVIS@d039c54 minvis/video_maskformer_model.py:115-143, mask2former_video/modeling/criterion.py:122-243.
    """
    count = _mean_count(objects.valid)
    each = [_losses(prediction, objects, count, points, generator) for prediction in predictions]
    parts = {name: torch.stack([losses[name] for losses in each]).sum() for name in ("class", "bce", "dice")}
    total = CLASS_WEIGHT * parts["class"] + BCE_WEIGHT * parts["bce"] + DICE_WEIGHT * parts["dice"]
    return {"loss": total, **parts}


def _losses(prediction: Prediction, objects: Objects, count: Tensor, points: int, generator: Generator) -> Losses:
    matches = match(prediction.logits, prediction.masks, objects, points, generator)
    masks = prediction.masks[matches.image, matches.query]
    where = uncertain_points(masks, points, generator)
    logits = sample(masks[:, None], where)[:, 0]
    targets = sample(objects.masks[matches.image, matches.target][:, None], where)[:, 0]
    return {
        "class": _class_loss(prediction.logits, objects.labels, matches),
        "bce": bce(logits, targets).sum() / count,
        "dice": dice_loss(logits, targets).sum() / count,
    }


def _class_loss(logits: Tensor, labels: Tensor, matches: Matches) -> Tensor:
    """Cross entropy of all queries; those without an object should say so, at a tenth of the weight."""
    nothing = logits.shape[-1] - 1
    wanted = torch.full(logits.shape[:2], nothing, device=logits.device)
    wanted[matches.image, matches.query] = labels[matches.image, matches.target]
    weights = torch.ones(nothing + 1, device=logits.device)
    weights[nothing] = NO_OBJECT_WEIGHT
    return F.cross_entropy(logits.flatten(0, 1), wanted.flatten(), weights)


def _mean_count(valid: Tensor) -> Tensor:
    """Objects a process, at least one: the masks' losses are averages over the whole batch, on any number of GPUs."""
    count = valid.sum().float()
    if torch.distributed.is_initialized():
        torch.distributed.all_reduce(count)
        count /= torch.distributed.get_world_size()
    return count.clamp(min=1)
