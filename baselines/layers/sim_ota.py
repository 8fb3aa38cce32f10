"""simOTA: how many queries answer for an object depends on how well they already do.

wjf5203/VNext@db33833 projects/IDOL/idol/models/matcher.py:46-173, pos_neg_select.py:101-117. Boxes are centre and size,
in 0..1 of the image.
"""

import torch
from torch import Tensor

from baselines.layers.boxes import giou, overlap, to_corners

GIOU_WEIGHT = 3.0  # of minus the generalised IoU in the cost (matcher.py:84)
NOT_CENTRAL, NOWHERE = 100.0, 10_000.0
"""Costs of a query that is not in the middle of an object, and of one that is near none (matcher.py:84-85)."""
RADIUS = 2.5 / 32
"""Half side of the square around an object's centre that counts as its middle, in any image (matcher.py:116-121)."""
TAKEN = 100_000.0
"""Cost of a query that another object has (matcher.py:154)."""
# of the focal loss in the cost: weight of the positive side, and what is added in logarithms (matcher.py:76-79)
ALPHA, EPSILON = 0.25, 1e-8


def assignment_cost(probabilities: Tensor, boxes: Tensor, labels: Tensor, objects: Tensor, valid: Tensor) -> Tensor:
    """Cost (B, Q, N) of queries with class ``probabilities`` (B, Q, C) and ``boxes`` (B, Q, 4) for N objects an image.

    ``labels`` (B, N), ``objects`` (B, N, 4) boxes; where ``valid`` (B, N) is false there is no object: infinite.
    """
    classes = labels.clamp(min=0)[:, None].expand(-1, boxes.shape[1], -1)
    cost = _class_cost(probabilities.gather(2, classes))
    cost = cost - GIOU_WEIGHT * giou(to_corners(boxes)[:, :, None], to_corners(objects)[:, None])
    within, central = (_is_within(boxes, box) for box in (objects, torch.cat((objects[..., :2], _middle(objects)), -1)))
    cost = cost + NOT_CENTRAL * ~(within & central)
    somewhere = ((within | central) & valid[:, None]).any(dim=2)
    cost = cost + NOWHERE * ~somewhere[..., None]
    return cost.masked_fill(~valid[:, None], torch.inf)


def sim_ota(cost: Tensor, boxes: Tensor, objects: Tensor, valid: Tensor, candidates: int) -> tuple[Tensor, Tensor]:
    """Which queries answer for which object, (B, Q, N) bool, every valid object having one at least; and a new cost.

    An object takes its cheapest queries, as many as the overlaps of the ``candidates`` best boxes sum up to. A query
    goes to the cheapest of several objects; objects left with none take the cheapest query that is free, in which two
    may coincide. In images that have such objects the queries taken before cost more from then on: the authors'
    assignments write this into the cost, and a second one by the same cost sees it.
    """
    intersection, union = overlap(to_corners(boxes)[:, :, None], to_corners(objects)[:, None])
    overlaps = (intersection / union).topk(min(candidates, boxes.shape[1]), dim=1).values
    wanted = overlaps.sum(dim=1).int().clamp(min=1) * valid
    matched = _rank(cost, dim=1) < wanted[:, None]
    several = matched.sum(dim=2, keepdim=True) > 1
    matched &= ~several | (_rank(cost, dim=2) == 0)
    left = (valid & ~matched.any(dim=1))[:, None]
    cost = cost + TAKEN * (matched.any(dim=2, keepdim=True) & left.any(dim=2, keepdim=True))
    free = cost.argmin(dim=1, keepdim=True)
    return matched | torch.zeros_like(matched).scatter(1, free, left), cost


def cheapest(cost: Tensor, matched: Tensor) -> Tensor:
    """The query (B, N) that fits best of those that answer for an object."""
    return cost.masked_fill(~matched, torch.inf).argmin(dim=1)


def _class_cost(probability: Tensor) -> Tensor:
    """Focal loss if a query's answer is the object's class, less that if it is not."""
    positive = ALPHA * (1 - probability) ** 2 * -(probability + EPSILON).log()
    negative = (1 - ALPHA) * probability**2 * -(1 - probability + EPSILON).log()
    return positive - negative


def _middle(objects: Tensor) -> Tensor:
    return torch.full_like(objects[..., 2:], 2 * RADIUS)


def _is_within(boxes: Tensor, objects: Tensor) -> Tensor:
    """(B, Q, N): whether the centre of a query's box is in an object's box, not on its side."""
    corners = to_corners(objects)[:, None]
    centres = boxes[:, :, None, :2]
    return ((centres > corners[..., :2]) & (centres < corners[..., 2:])).all(dim=-1)


def _rank(values: Tensor, dim: int) -> Tensor:
    return values.argsort(dim=dim).argsort(dim=dim)
