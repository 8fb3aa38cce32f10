"""Embeddings of one object shall be alike in two frames, and unlike those of everything else.

wjf5203/VNext@db33833 projects/IDOL/idol/models/deformable_detr.py:418-454, pos_neg_select.py:47-65.
"""

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

DRAWN = 10
"""Negatives that are drawn for each positive (pos_neg_select.py:49-54)."""


def contrastive_loss(products: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
    """(M,): log(1 + sum of exp(product with a negative - product with a positive)) over all pairs of the two.

    ``products`` (M, Q) are those of M objects' embeddings with Q others, of which ``positive`` and ``negative`` (M, Q)
    are the same object and other things.
    """
    repelled = products.masked_fill(~negative, -torch.inf).logsumexp(dim=1)
    attracted = (-products).masked_fill(~positive, -torch.inf).logsumexp(dim=1)
    return F.softplus(repelled + attracted)


def cosine_loss(cosines: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
    """(M,): mean squared distance of ``cosines`` (M, Q) from 1 for positives and from 0 for negatives."""
    errors = (cosines - 1).square() * positive + cosines.square() * negative
    return errors.sum(dim=1) / (positive.sum(dim=1) + negative.sum(dim=1))


def draw_negatives(positive: Tensor, negative: Tensor, generator: Generator) -> Tensor:
    """A random choice of ``negative`` (M, Q), DRAWN times as many as there are in ``positive`` (M, Q), or all."""
    order = torch.rand(negative.shape, generator=generator).to(negative.device).masked_fill(~negative, torch.inf)
    drawn = order.argsort(dim=1).argsort(dim=1) < DRAWN * positive.sum(dim=1, keepdim=True)
    return negative & drawn
