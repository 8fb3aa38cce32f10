"""Validation IoU while InstMove trains: a fixed sample of windows, for the learning curve only."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from instmove.network.base import InstMoveNetwork
from instmove.training.motion_data import MotionSource
from instmove.training.motion_task import MotionTask

SAMPLES = 64
TOGETHER = 8
"""Windows of a forward pass: a small part of what a training step needs, at any batch size."""


def motion_validation(source: MotionSource, device: torch.device) -> Callable[[nn.Module], dict[str, float]]:
    """A function that gives the mean canvas IoU of step 2's predictions on up to 64 windows of ``source``.

    The windows are evenly spaced over all of the longest history there is; the same for every network and iteration.
    """
    length = max(n for n, windows in source.windows.items() if windows)
    windows = source.windows[length]
    chosen = windows[:: max(1, len(windows) // SAMPLES)][:SAMPLES]
    samples = [source.window(window) for window in chosen]
    batches = [_stacked(samples[start : start + TOGETHER]) for start in range(0, len(samples), TOGETHER)]

    def validate(task: nn.Module) -> dict[str, float]:
        assert isinstance(task, MotionTask)
        network = task.network
        return {"iou": float(torch.cat([_ious(network, batch, device) for batch in batches]).mean())}

    return validate


def _stacked(samples: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
    return {key: torch.stack([sample[key] for sample in samples]) for key in samples[0]}


def _ious(network: InstMoveNetwork, batch: dict[str, Tensor], device: torch.device) -> Tensor:
    """The IoU (B,) of each window of a batch."""
    placed = {key: value.to(device) for key, value in batch.items()}
    features = network.encode_image(placed["image"]) if network.uses_image else None
    predicted = network(placed["past"], features, None) > 0
    truth = placed["target"] > 0.5
    overlap, union = (predicted & truth).sum((1, 2)), (predicted | truth).sum((1, 2))
    return overlap / union.clamp(min=1)
