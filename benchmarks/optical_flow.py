"""RAFT: upsampling the flow of the last iteration alone, against that of every one as in training."""

from collections.abc import Iterator

import torch

from benchmarks.timing import Row, seconds
from instmove.flow.raft import Raft, RaftSettings

SIDE = 384
ITERATIONS = 12


@torch.inference_mode()
def rows() -> Iterator[Row]:
    """The large network on one pair of frames."""
    raft = Raft(RaftSettings("large")).eval()
    first, second = torch.rand(2, 1, 3, SIDE, SIDE) * 255
    yield Row(
        f"RAFT large, {SIDE}x{SIDE}",
        seconds(lambda: raft.estimate(first, second, ITERATIONS), repeat=2),
        seconds(lambda: raft(first, second, ITERATIONS), repeat=2),
        f"{ITERATIONS} iterations; against upsampling every one",
    )
