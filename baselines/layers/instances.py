"""From a network's tensors to instances: what the predictors of all hosts end with."""

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from baselines.interface import Float32
from instmove.masks import BoolArray, Rle, encode

CHUNK = 10
"""Masks brought to output size together: bounds memory (83 MB at 1080p)."""


def array(values: Tensor) -> Float32:
    """On the processor, in single precision."""
    return values.float().cpu().numpy().astype(np.float32, copy=False)


def in_class_columns(scores: Tensor, labels: Tensor, classes: int) -> Float32:
    """Scores (N,) of instances of these classes (N,), each in the column of its class, zeros elsewhere: (N, C)."""
    columns = scores.new_zeros(len(scores), classes)
    columns[torch.arange(len(scores)), labels] = scores
    return array(columns)


def covering_frame(masks: Tensor, size: tuple[int, int], stride: int) -> BoolArray:
    """Masks (N, h, w) at this stride of a padded input, without the padding of a frame that is ``size`` there."""
    rows, columns = (math.ceil(side / stride) for side in size)
    return masks[:, :rows, :columns].cpu().numpy()


def encoded(masks: Tensor, at_output: Callable[[Tensor], Tensor]) -> tuple[Rle, ...]:
    """RLEs of masks (N, h, w), brought to output size and thresholded by the host's own rule, CHUNK at a time."""
    return tuple(encode(mask) for chunk in masks.split(CHUNK) for mask in at_output(chunk).cpu().numpy())
