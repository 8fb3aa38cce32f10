"""How a network is trained: everything the loop needs to know, from the setup."""

import math
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class TrainSettings:
    """Optimiser, schedule and book-keeping of one training run; counts are iterations."""

    iterations: int
    batch_size: int
    lr: float
    seed: int
    optimizer: Literal["adam", "adamw"] = "adam"
    weight_decay: float = 0.0
    schedule: Literal["constant", "cosine", "onecycle"] = "constant"
    clip: float | None = None
    """Largest gradient norm, None for no clipping."""
    amp: bool = False
    workers: int = 0
    """Processes that prepare batches ahead; 0 prepares them in the training process."""
    log_every: int = 10
    checkpoint_every: int = 100
    validate_every: int = 0
    """0 validates only at the end."""

    def lr_at(self, iteration: int) -> float:
        """Learning rate of an iteration (from 0), a pure function so that resuming needs no scheduler state.

        ``onecycle`` is RAFT's (train.py:79-86): linear rise over the first 5 % from lr/25, linear fall to lr/25e4,
        over iterations + 100 steps. ``cosine`` falls to zero after a linear warm-up over the first 5 %.
        """
        if self.schedule == "constant":
            return self.lr
        if self.schedule == "cosine":
            warmup = max(1, self.iterations // 20)
            rise = min(1.0, (iteration + 1) / warmup)
            return self.lr * rise * 0.5 * (1 + math.cos(math.pi * iteration / self.iterations))
        total = self.iterations + 100
        peak = 0.05 * total - 1
        if iteration <= peak:
            return self.lr * (1 / 25 + (1 - 1 / 25) * iteration / peak)
        return self.lr * (1 + (1 / 25e4 - 1) * (iteration - peak) / (total - 1 - peak))
