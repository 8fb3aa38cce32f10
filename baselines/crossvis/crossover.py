"""Crossover learning: the mask head predicted in one frame of a pair must find the same object in the other frame."""

import torch
from torch import Generator, Tensor

from baselines.crossvis.assignment import Positives


def draw_partners(source: Positives, target: Positives, generator: Generator) -> tuple[Tensor, Tensor]:
    """For each row of ``source``, a random one of ``target`` that answers for the same object in the other frame.

    Returns rows of both, equally many; rows whose object has none there are left out. An object has the same number
    in both frames. The mask is made with the partner's location and level, which belong to the frame it is looked for
    in: hustvl/CrossVIS@378f4f3 adet/modeling/condinst/crossvis.py:271-355.
    """
    same = (source.images[:, None] == target.images) & (source.objects[:, None] == target.objects)
    counts = same.sum(dim=1)
    drawn = torch.rand(len(source), generator=generator).to(counts.device)
    rank = (drawn * counts).long()
    chosen = (same & (same.cumsum(dim=1) == rank[:, None] + 1)).int()
    rows = torch.nonzero(counts > 0)[:, 0]
    return rows, chosen[rows].argmax(dim=1) if len(target) else rows
