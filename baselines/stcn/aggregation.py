"""From the probabilities of single objects to those of all objects and the background."""

import torch
from torch import Tensor

EPSILON = 1e-7  # how far probabilities stay from 0 and 1 (model/aggregate.py:6-17)


def aggregate(probabilities: Tensor) -> Tensor:
    """Logits (K + 1, ...), background first, of objects' probabilities (K, ...): their softmax is what counts.

    Odds of every object and of "none of them" (hkchengrex/STCN@eb83102 model/aggregate.py:6-17).
    """
    background = (1 - probabilities).prod(0, keepdim=True)
    both = torch.cat((background, probabilities)).clamp(EPSILON, 1 - EPSILON)
    return (both / (1 - both)).log()
