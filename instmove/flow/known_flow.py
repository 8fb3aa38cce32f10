"""Pairs whose flow the generator knows exactly: what RAFT's base is trained on and measured by."""

from collections.abc import Callable, Iterable

import numpy as np
from torch import nn

from instmove.datasets.synthetic.render import FlowClip
from instmove.flow.augment import rescale
from instmove.flow.samples import FlowPairs, FlowSample, tensors
from instmove.flow.task import FlowTask, flow_errors
from instmove.flow.warp import flow_between
from instmove.masks import grid_size


class KnownFlow:
    """Adjacent frames of clips held in memory, longest side ``longest``; flow from each frame to the next.

    It is known everywhere, also where the surface is hidden in the next frame or leaves it.
    """

    def __init__(self, clips: Iterable[FlowClip], longest: int) -> None:
        self.samples = [sample for clip in clips for sample in _samples(clip, longest)]

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> FlowSample:
        return self.samples[index]


def _samples(clip: FlowClip, longest: int) -> Iterable[FlowSample]:
    images = clip.clip.images
    for image1, image2, flow in zip(images[:-1], images[1:], clip.flows, strict=True):
        sample = FlowSample(image1, image2, flow.astype(np.float32), np.ones(flow.shape[:2], dtype=np.bool_))
        size = grid_size(flow.shape[0], flow.shape[1], longest)
        yield sample if size == flow.shape[:2] else rescale(sample, *size)


def flow_validation(pairs: FlowPairs, iterations: int) -> Callable[[nn.Module], dict[str, float]]:
    """What the training loop calls on a ``FlowTask``: ``epe`` (pixels) and ``1px`` (share), means over the pairs."""

    def validate(task: nn.Module) -> dict[str, float]:
        assert isinstance(task, FlowTask)
        errors = [_errors(task, pairs[index], iterations) for index in range(len(pairs))]
        return {name: float(np.mean([error[name] for error in errors])) for name in errors[0]}

    return validate


def _errors(task: FlowTask, sample: FlowSample, iterations: int) -> dict[str, float]:
    flow = flow_between(task.raft, sample.image1, sample.image2, max(sample.valid.shape), iterations).cpu()
    truth = tensors(sample)
    found = flow_errors(flow, truth["flow"][None], truth["valid"][None] > 0)
    return {name: float(value) for name, value in found.items()}
