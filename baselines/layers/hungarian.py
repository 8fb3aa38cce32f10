"""Assignment of predictions to annotated objects by class and mask, one to one."""

from typing import NamedTuple

import torch
from scipy.optimize import linear_sum_assignment
from torch import Generator, Tensor

from baselines.layers.point_losses import pairwise_bce, pairwise_dice, random_points, sample

CLASS_WEIGHT, BCE_WEIGHT, DICE_WEIGHT = 2.0, 5.0, 5.0
"""Of costs and losses: NVlabs/MinVIS@d039c54 configs/ovis/video_maskformer2_R50_bs32_8ep_frame.yaml:23-39."""


class Objects(NamedTuple):
    """Annotated objects of a batch of images."""

    labels: Tensor
    """(B, N) int64."""
    masks: Tensor
    """(B, N, H, W) zeros and ones, floats."""
    valid: Tensor
    """(B, N) bool; the others are padding or out of sight."""


class Matches(NamedTuple):
    """M pairs: indices of the image, of the query and of the object, each (M,) int64."""

    image: Tensor
    query: Tensor
    target: Tensor


@torch.no_grad()
def match(logits: Tensor, masks: Tensor, objects: Objects, points: int, generator: Generator) -> Matches:
    """The cheapest one-to-one assignment in every image of class logits (B, Q, C + 1) and mask logits (B, Q, h, w).

    NVlabs/MinVIS@d039c54 mask2former_video/modeling/matcher.py:96-156: minus the probability of the object's class,
    and both mask losses at ``points`` random points of the image.
    """
    where = random_points(len(masks), points, generator)
    predicted, annotated = sample(masks, where), sample(objects.masks, where)
    classes = objects.labels.clamp(min=0)[:, None].expand(-1, logits.shape[1], -1)
    cost = -CLASS_WEIGHT * logits.softmax(dim=-1).gather(2, classes)
    cost += BCE_WEIGHT * pairwise_bce(predicted, annotated) + DICE_WEIGHT * pairwise_dice(predicted, annotated)
    return _assign(cost, objects.valid)


def _assign(cost: Tensor, valid: Tensor) -> Matches:
    """Solve every image's (Q, N) cost over its valid columns."""
    finite = torch.nan_to_num(cost).cpu().numpy()  # a diverged network is reported by its loss, not by this
    triples = [torch.empty(3, 0, dtype=torch.int64)]
    for image, columns in enumerate(valid.cpu()):
        objects = columns.nonzero()[:, 0]
        query, column = (torch.from_numpy(side) for side in linear_sum_assignment(finite[image][:, objects.numpy()]))
        triples.append(torch.stack((torch.full_like(query, image), query, objects[column])))
    return Matches(*torch.cat(triples, dim=1).to(cost.device))
