"""How a network is trained: everything the loop needs to know, from the setup."""

import bisect
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class TrainSettings:
    """Optimiser, schedule and book-keeping of one training run; counts are iterations."""

    iterations: int
    batch_size: int
    lr: float
    seed: int
    optimizer: Literal["adam", "adamw", "sgd"] = "adam"
    weight_decay: float = 0.0
    decay_norms: bool = True
    """Whether weight decay holds for normalisation layers and embeddings too."""
    lr_scales: dict[str, float] = field(default_factory=dict)
    """Factors on the learning rate of the parameters whose names contain a text, the first that does."""
    schedule: Literal["constant", "cosine", "onecycle", "steps"] = "constant"
    milestones: Sequence[int] = ()
    """Iterations from which on ``steps`` has a tenth of the rate before."""
    warmup: int = 0
    """Iterations in which ``steps`` rises linearly to the rate, from ``warmup_factor`` times it."""
    warmup_factor: float = 1e-3
    clip: float | None = None
    """Largest gradient norm, None for no clipping."""
    amp: bool = False
    parts: int = 1
    """Parts that a batch is seen in, one after the other or on several GPUs: a whole one may not fit into memory."""
    workers: int = 0
    """Processes that prepare batches ahead; 0 prepares them in the training process."""
    log_every: int = 10
    checkpoint_every: int = 100
    validate_every: int = 0
    """0 validates only at the end."""

    def lr_at(self, iteration: int) -> float:
        """Learning rate of an iteration (from 0), a pure function so that resuming needs no scheduler state.

        ``onecycle`` is RAFT's (train.py:79-86): linear rise over the first 5 % from lr/25, linear fall to lr/25e4,
        over iterations + 100 steps. ``cosine`` falls to zero after a linear warm-up over the first 5 %. ``steps`` is
        detectron2's (WarmupMultiStepLR with factor 0.1).
        """
        if self.schedule == "constant":
            return self.lr
        if self.schedule == "cosine":
            warmup = max(1, self.iterations // 20)
            rise = min(1.0, (iteration + 1) / warmup)
            return self.lr * rise * 0.5 * (1 + math.cos(math.pi * iteration / self.iterations))
        if self.schedule == "steps":
            rise = min(1.0, iteration / self.warmup) if self.warmup else 1.0
            factor = self.warmup_factor * (1 - rise) + rise
            return float(self.lr * factor * 0.1 ** bisect.bisect_right(self.milestones, iteration))
        total = self.iterations + 100
        peak = 0.05 * total - 1
        if iteration <= peak:
            return self.lr * (1 / 25 + (1 - 1 / 25) * iteration / peak)
        return self.lr * (1 + (1 / 25e4 - 1) * (iteration - peak) / (total - 1 - peak))
