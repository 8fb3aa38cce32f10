"""The memory: keys and values of past frames, read by negative squared distance (hkchengrex/STCN@eb83102)."""

import math

import torch
from torch import Tensor

TOP_K = 20
"""Memory positions that a query position reads (eval_davis.py:24-32)."""


def similarity(memory: Tensor, query: Tensor) -> Tensor:
    """(..., N, M) of keys (..., C, N) and queries (..., C, M): negative squared distance over sqrt(C).

    Without the query's norm, which cancels in the softmax (model/network.py:43-52).
    """
    distances = 2 * memory.mT @ query - memory.square().sum(-2)[..., None]
    return distances / math.sqrt(memory.shape[-2])


def affinity(scores: Tensor, top_k: int | None) -> Tensor:
    """Softmax of (..., N, M) over the memory; with ``top_k`` over the largest alone, zero elsewhere.

    inference_memory_bank.py:5-14; training uses all (network.py:54-58).
    """
    if top_k is None or top_k >= scores.shape[-2]:
        return scores.softmax(-2)
    values, places = scores.topk(top_k, dim=-2)
    return torch.zeros_like(scores).scatter_(-2, places, values.softmax(-2))


class MemoryBank:
    """Keys of the frames kept and the values of K objects in them.

    With ``most`` it holds that many frames: the first, in which the objects were given, and the latest.
    """

    def __init__(self, top_k: int | None = TOP_K, most: int | None = None) -> None:
        self.top_k, self.most = top_k, most
        self._keys: list[Tensor] = []
        self._values: list[Tensor] = []

    def add(self, key: Tensor, value: Tensor) -> None:
        """Append a frame: key (C, h, w), values (K, V, h, w)."""
        for kept, new in ((self._keys, key.flatten(1)), (self._values, value.flatten(2))):
            if self.most is not None and len(kept) >= max(2, self.most):
                del kept[1]
            kept.append(new)

    def read(self, query: Tensor) -> Tensor:
        """Values (K, V, h, w) that a query (C, h, w) reads; one affinity serves all objects."""
        if not self._keys:
            raise ValueError("the memory is empty; add a frame before it is read")
        weights = affinity(similarity(torch.cat(self._keys, dim=1), query.flatten(1)), self.top_k)
        return (torch.cat(self._values, dim=2) @ weights).unflatten(2, tuple(query.shape[1:]))
