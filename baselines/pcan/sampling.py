"""Which of many boxes answer for an annotated object, and which of them a loss looks at."""

from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from baselines.layers.boxes import pairwise_iou

BACKGROUND, NEITHER = -1, -2
"""In place of the number of an object."""


@dataclass(frozen=True)
class SamplingRule:
    """What is drawn of the boxes of one image."""

    positive: float
    """From this IoU with an object on, a box answers for it."""
    negative: float
    """Below this IoU with all objects a box is background; between the two it is ignored."""
    share: float
    """Most boxes that answer for objects, of all that are drawn."""
    ratio: int | None = None
    """Most boxes of background for each that answers for an object; None: what is left to draw."""
    least: float | None = None
    """From this IoU on, the boxes that are nearest to an object answer for it whatever it is; None: never."""


@dataclass(frozen=True)
class Truth:
    """The n objects that are to be seen in one image."""

    boxes: Tensor
    """(n, 4): x1, y1, x2, y2."""
    labels: Tensor
    masks: Tensor
    """(n, H, W) bool."""
    numbers: Tensor
    """(n,): an object's is the same in both frames of a sample, and no other's in the batch."""


@dataclass(frozen=True)
class Drawn:
    """Boxes of one image, those that answer for objects first."""

    boxes: Tensor
    """(R, 4)."""
    objects: Tensor
    """(P,): the objects that the first P answer for."""

    @property
    def positives(self) -> Tensor:
        """The first P boxes."""
        return self.boxes[: len(self.objects)]


def assigned(boxes: Tensor, objects: Tensor, rule: SamplingRule) -> Tensor:
    """The number of the object (n, 4) that each of the boxes (N, 4) answers for, or BACKGROUND, or NEITHER.

    open-mmlab/mmdetection v2.10.0 mmdet/core/bbox/assigners/max_iou_assigner.py.
    """
    if not len(objects):
        return torch.full((len(boxes),), BACKGROUND, device=boxes.device)
    overlap = pairwise_iou(boxes, objects)
    best, number = overlap.max(dim=1)
    found = torch.where(best < rule.negative, BACKGROUND, NEITHER)
    found = torch.where(best >= rule.positive, number, found)
    if rule.least is None:
        return found
    highest = overlap.max(dim=0).values
    nearest = (overlap == highest) & (highest >= rule.least)
    last = (nearest * torch.arange(1, len(objects) + 1, device=boxes.device)).max(dim=1).values - 1
    return torch.where(last >= 0, last, found)


def drawn_rows(answers: Tensor, count: int, rule: SamplingRule, generator: Generator) -> tuple[Tensor, Tensor]:
    """At most ``count`` rows of :func:`assigned`'s answer, of objects and of background, each a random choice.

    open-mmlab/mmdetection v2.10.0 mmdet/core/bbox/samplers/base_sampler.py, random_sampler.py.
    """
    positives = _some(torch.nonzero(answers >= 0)[:, 0], int(count * rule.share), generator)
    most = count - len(positives)
    if rule.ratio is not None:
        most = min(most, rule.ratio * max(1, len(positives)))
    return positives, _some(torch.nonzero(answers == BACKGROUND)[:, 0], most, generator)


def draw(boxes: Tensor, truth: Truth, count: int, rule: SamplingRule, generator: Generator) -> Drawn:
    """Boxes drawn from proposals (N, 4) and the objects' own boxes."""
    candidates = torch.cat((truth.boxes, boxes))
    answers = assigned(candidates, truth.boxes, rule)
    positives, negatives = drawn_rows(answers, count, rule, generator)
    return Drawn(candidates[torch.cat((positives, negatives))], answers[positives])


def _some(rows: Tensor, most: int, generator: Generator) -> Tensor:
    if len(rows) <= most:
        return rows
    return rows[torch.randperm(len(rows), generator=generator)[:most].to(rows.device)]
