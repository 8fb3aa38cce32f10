"""Bootstrapped cross entropy: after a while only the hardest pixels of every sample count (hkchengrex/STCN@eb83102)."""

from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional as F

HARDEST = 0.15
"""Share of the pixels that counts in the end (losses.py:26-50)."""


@dataclass(frozen=True)
class Bootstrap:
    """Iterations up to ``start`` count all pixels, those after ``end`` the hardest alone, a falling share between."""

    start: int
    end: int

    def share(self, iteration: int) -> float:
        """Share of the pixels that counts in an iteration (losses.py:26-50)."""
        if iteration < self.start:
            return 1.0
        if iteration > self.end:
            return HARDEST
        return HARDEST + (1 - HARDEST) * (self.end - iteration) / (self.end - self.start)


def bootstrapped_loss(logits: Tensor, labels: Tensor, share: float) -> Tensor:
    """Mean cross entropy of logits (B, K + 1, H, W) and labels (B, H, W) over this share of each sample's pixels."""
    each = F.cross_entropy(logits, labels, reduction="none").flatten(1)
    if share < 1:
        each = each.topk(max(1, int(each.shape[1] * share)), dim=1, sorted=False).values
    return each.mean()
