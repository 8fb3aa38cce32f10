"""The memory: keys and values of past frames, read by negative squared distance (hkchengrex/STCN@eb83102)."""

import math

import torch
from torch import Tensor

TOP_K = 20
"""Memory positions that a query position reads (eval_davis.py:24-32)."""


def similarity(memory: Tensor, query: Tensor) -> Tensor:
    """(N, M) of keys (C, N) and queries (C, M): squared distance over sqrt(C), negative, without the query's norm.

    model/network.py:43-52; the norm of the query cancels in the softmax.
    """
    return (2 * memory.T @ query - memory.square().sum(0)[:, None]) / math.sqrt(len(memory))


def affinity(scores: Tensor, top_k: int | None) -> Tensor:
    """Softmax of (..., N, M) over the memory; with ``top_k`` over the largest alone, zero elsewhere.

    inference_memory_bank.py:5-14; training uses all (network.py:54-58).
    """
    if top_k is None or top_k >= scores.shape[-2]:
        return scores.softmax(-2)
    values, places = scores.topk(top_k, dim=-2)
    return torch.zeros_like(scores).scatter_(-2, places, values.softmax(-2))


class MemoryBank:
    """Keys of the frames kept and the values of K objects in them."""

    def __init__(self, top_k: int | None = TOP_K) -> None:
        self.top_k = top_k
        self.keys: Tensor | None = None
        self.values: Tensor | None = None

    def add(self, key: Tensor, value: Tensor) -> None:
        """Append a frame: key (C, h, w), values (K, V, h, w)."""
        key, value = key.flatten(1), value.flatten(2)
        self.keys = key if self.keys is None else torch.cat((self.keys, key), dim=1)
        self.values = value if self.values is None else torch.cat((self.values, value), dim=2)

    def read(self, query: Tensor) -> Tensor:
        """Values (K, V, h, w) that a query (C, h, w) reads; one affinity serves all objects."""
        if self.keys is None or self.values is None:
            raise ValueError("the memory is empty; add a frame before it is read")
        weights = affinity(similarity(self.keys, query.flatten(1)), self.top_k)
        return (self.values @ weights).unflatten(2, tuple(query.shape[1:]))
