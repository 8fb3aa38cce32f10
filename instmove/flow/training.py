"""The two stages that RAFT is trained in here: from scratch on known flow, and on its own labels (Sec. 4.3)."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from instmove.flow.checkpoint import save_raft
from instmove.flow.raft import Raft
from instmove.flow.task import PHASES, FlowTask
from instmove.training.distributed import worker
from instmove.training.loop import Row, Source, finish, train
from instmove.training.settings import TrainSettings


@dataclass(frozen=True)
class Stage:
    """What differs between the stages of RAFT's recipe (train_standard.sh:3-6, datasets.py:203-227)."""

    iterations: int
    """Refinements of a training step (train.py:232: 12)."""
    gamma: float
    scale: tuple[float, float]
    flips: tuple[float, float]
    frozen_norm: bool
    verb: str
    """That trains it."""


BASE = Stage(iterations=6, gamma=0.8, scale=(-0.1, 1.0), flips=(0.5, 0.1), frozen_norm=False, verb="train-flow")
"""As the first stage, chairs, with half of the refinements: on one core the time goes further in more steps."""
FINETUNING = Stage(
    iterations=12, gamma=0.85, scale=(-0.2, 0.4), flips=(0.0, 0.0), frozen_norm=True, verb="finetune-flow"
)
"""As the last stage, kitti: 50k iterations, which is what the paper says of its fine-tuning."""


def train_raft(
    raft: Raft,
    source: Source,
    stage: Stage,
    settings: TrainSettings,
    folder: Path,
    device: str,
    identity: str,
    validate: Callable[[nn.Module], Row] | None = None,
) -> None:
    """Train in place; ``folder`` gets ``model.safetensors`` and ``log.csv`` (see ``instmove.training.loop.train``)."""
    task = FlowTask(raft, stage.iterations, stage.gamma, stage.frozen_norm)
    with worker(device) as place:
        train(task, PHASES, source, settings, folder, place, identity, validate)
        if place.leads:
            save_raft(folder / "model.safetensors", raft)
            finish(folder, stage.verb)
