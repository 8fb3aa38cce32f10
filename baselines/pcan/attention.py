"""Frame-level prototypical cross-attention: a frame's features read from a memory of the frames before."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn import functional as F

from baselines.pcan.prototypes import fitted, fresh_prototypes

LEVELS = 2
"""The finest levels of the pyramid have a memory, the others none (quasi_dense_pcan_seg_refine.py:61)."""
STEPS = 3
"""Of expectation maximisation (quasi_dense_pcan_seg.py:19)."""
KEPT = 0.75
"""Share of a frame's own features in the result, and of the result in the memory (:67-68)."""
PROTOTYPES_KEPT = 0.5
"""Share of the old prototypes in the new (:69)."""


@dataclass(frozen=True)
class FrameMemory:
    """What is kept from the frames of a video so far, for each level."""

    features: tuple[Tensor, ...]
    """(1, C, h, w)."""
    prototypes: tuple[Tensor, ...]
    """(1, C, K)."""


class FrameAttention(nn.Module):
    """The prototypes with which every video starts, ``mu0`` and ``mu1``; random and never trained.

    SysCV/pcan@281e3a7 pcan/models/mot/quasi_dense_pcan_seg_refine.py:30-71.
    """

    def __init__(self, channels: int, prototypes: int) -> None:
        super().__init__()
        for level in range(LEVELS):
            self.register_buffer(f"mu{level}", fresh_prototypes(channels, prototypes))

    def start(self, pyramid: Sequence[Tensor]) -> FrameMemory:
        """The memory before the first frame of a video, which is that frame."""
        return FrameMemory(tuple(pyramid[:LEVELS]), tuple(self.get_buffer(f"mu{level}") for level in range(LEVELS)))

    def forward(self, pyramid: Sequence[Tensor], memory: FrameMemory) -> tuple[list[Tensor], FrameMemory]:
        """Maps (1, C, h, w) of the next frame as everything after this sees them, and the memory with this frame."""
        levels = zip(pyramid[:LEVELS], memory.features, memory.prototypes, strict=True)
        read, features, prototypes = zip(*(_attend(*level) for level in levels), strict=True)
        return [*read, *pyramid[LEVELS:]], FrameMemory(features, prototypes)


def _attend(now: Tensor, past: Tensor, prototypes: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """One level's result, memory and prototypes."""
    found = fitted(past.flatten(2), prototypes, STEPS)
    shares = F.softmax(now.flatten(2).transpose(1, 2) @ found, dim=2)
    recalled = (found @ shares.transpose(1, 2)).view_as(now)
    result = KEPT * now + (1 - KEPT) * recalled
    memory = KEPT * result + (1 - KEPT) * past
    return result, memory, PROTOTYPES_KEPT * prototypes + (1 - PROTOTYPES_KEPT) * found
