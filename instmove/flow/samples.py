"""Training samples of optical flow: what one is, and how a batch is drawn from many."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from instmove.flow.warp import image_tensor
from instmove.masks import BoolArray
from instmove.video import Image


@dataclass(frozen=True)
class FlowSample:
    """Two RGB images (H, W, 3) and the flow (H, W, 2) from the first to the second, in pixels, x then y.

    ``valid`` (H, W) is where the flow is known.
    """

    image1: Image
    image2: Image
    flow: NDArray[np.float32]
    valid: BoolArray


class FlowPairs(Protocol):
    """A finite collection of samples; reading one twice gives the same sample."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> FlowSample: ...


Transform = Callable[[FlowSample, np.random.Generator], FlowSample]


class FlowSource:
    """Draws pairs at random and transforms them: a pure function of (seed, iteration, index)."""

    def __init__(self, pairs: FlowPairs, transform: Transform, seed: int) -> None:
        self.pairs, self.transform, self.seed = pairs, transform, seed

    def sample(self, iteration: int, index: int) -> dict[str, Tensor]:
        """``image1``, ``image2`` (3, H, W) in 0..255, ``flow`` (2, H, W) and ``valid`` (H, W), all float."""
        rng = np.random.default_rng((self.seed, iteration, index))
        return tensors(self.transform(self.pairs[int(rng.integers(len(self.pairs)))], rng))


def tensors(sample: FlowSample) -> dict[str, Tensor]:
    """A sample as the network takes it, channels first."""
    return {
        "image1": image_tensor(sample.image1),
        "image2": image_tensor(sample.image2),
        "flow": torch.from_numpy(sample.flow).movedim(-1, 0).float(),
        "valid": torch.from_numpy(sample.valid).float(),
    }
