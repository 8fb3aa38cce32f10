"""Validation IoU while InstMove trains: a fixed sample of windows, for the learning curve only."""

from collections.abc import Callable

import torch
from torch import nn

from instmove.training.motion_data import MotionSource
from instmove.training.motion_task import MotionTask

SAMPLES = 64


def motion_validation(source: MotionSource, device: torch.device) -> Callable[[nn.Module], dict[str, float]]:
    """A function that gives the mean canvas IoU of step 2's predictions on up to 64 windows of ``source``.

    The windows are evenly spaced over all of the longest history there is; the same for every network and iteration.
    """
    length = max(n for n, windows in source.windows.items() if windows)
    windows = source.windows[length]
    chosen = windows[:: max(1, len(windows) // SAMPLES)][:SAMPLES]
    samples = [source.window(window) for window in chosen]
    batch = {key: torch.stack([sample[key] for sample in samples]).to(device) for key in samples[0]}

    def validate(task: nn.Module) -> dict[str, float]:
        assert isinstance(task, MotionTask)
        network = task.network
        features = network.encode_image(batch["image"]) if network.uses_image else None
        predicted = network(batch["past"], features, None) > 0
        truth = batch["target"] > 0.5
        overlap, union = (predicted & truth).sum((1, 2)), (predicted | truth).sum((1, 2))
        return {"iou": float((overlap / union.clamp(min=1)).mean())}

    return validate
