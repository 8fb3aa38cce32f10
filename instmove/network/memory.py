"""The memory of motion patterns: cosine addressing (Eq. 1), read-out (Eq. 2) and the two encoders that query it."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SLOTS = 100
"""Number c of memory vectors (App. A); the same at every width."""


def address(query: Tensor, slots: Tensor) -> Tensor:
    """Weights (..., c) of the memory vectors ``slots`` (c, l) for queries (..., l): softmax of cosines, Eq. 1."""
    return (F.normalize(query, dim=-1) @ F.normalize(slots, dim=-1).T).softmax(dim=-1)


def recall(query: Tensor, slots: Tensor) -> Tensor:
    """The weighted sum (..., l) of the memory vectors that the queries (..., l) address, Eq. 2."""
    return address(query, slots) @ slots


class MotionMemory(nn.Module):
    """Past masks (and, in step 1, the target) in, an embedded motion pattern out.

    ``motion_context_encoder`` is q_phi, ``motion_matching_encoder`` is p_theta (Sec. 3.2). Both map masks (B, n, S, S)
    to queries (B, l) or (B, l, h, w); ``embedder`` brings what is recalled to the form that the decoder takes.
    """

    def __init__(self, matching: nn.Module, context: nn.Module, length: int, embedder: nn.Module) -> None:
        super().__init__()
        self.memory_w = nn.Parameter(torch.randn(SLOTS, length))
        self.motion_matching_encoder = matching
        self.motion_context_encoder = context
        self.embedder = embedder

    def forward(self, past: Tensor, target: Tensor | None) -> Tensor:
        """Recall with q_phi when the target (B, S, S) is given; else with p_theta, and the memory gets no gradient."""
        if target is None:
            query, slots = self.motion_matching_encoder(past), self.memory_w.detach()
        else:
            sequence = torch.cat((past, target[:, None]), dim=1)
            query, slots = self.motion_context_encoder(sequence), self.memory_w
        pattern = recall(query.movedim(1, -1), slots).movedim(-1, 1)
        return self.embedder(pattern)
