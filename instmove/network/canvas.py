"""The square canvas of the motion network: frames and masks centred on zeros and resized, and the way back.

wjf5203/VNext@db33833 projects/InstMove/MinVIS_motion/minvis/video_maskformer_model.py:42-75.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from instmove.masks import BoolArray
from instmove.video import Image

MEAN = (123.675, 116.28, 103.53)
STD = (58.395, 57.12, 57.375)
"""ImageNet's, of RGB in 0..255: configs/ovis/Base-OVIS-VideoInstanceSegmentation.yaml:6-7 of the same project."""


def centre(maps: Tensor) -> Tensor:
    """Put maps (..., h, w) in the middle of zeros of the longer side, the odd pixel right and below."""
    top, left, side = _offsets(*maps.shape[-2:])
    height, width = maps.shape[-2:]
    return F.pad(maps, (left, side - width - left, top, side - height - top))


def _offsets(height: int, width: int) -> tuple[int, int, int]:
    side = max(height, width)
    return (side - height) // 2, (side - width) // 2, side


@dataclass(frozen=True)
class Canvas:
    """A square of ``side`` pixels; tensors are made on ``device``."""

    side: int
    device: torch.device | str = "cpu"
    antialias: bool = False
    """Whether images are smoothed before they shrink."""

    def masks(self, masks: BoolArray | Tensor) -> Tensor:
        """Boolean masks (K, h, w) to (K, S, S), zeros and ones as floats, nearest neighbour."""
        square = centre(torch.as_tensor(masks, device=self.device).to(torch.uint8))
        return F.interpolate(square[None], (self.side, self.side), mode="nearest")[0].float()

    def image(self, image: Image | Tensor) -> Tensor:
        """RGB (H, W, 3), uint8, to (3, S, S), normalised and bilinear; outside of the frame is zero, as the mean."""
        channels_first = torch.as_tensor(np.asarray(image), device=self.device).movedim(-1, 0).contiguous().float()
        mean, std = (channels_first.new_tensor(v)[:, None, None] for v in (MEAN, STD))
        return self.resize(channels_first - mean) / std

    def resize(self, image: Tensor) -> Tensor:
        """Centre and resize normalised images (C, H, W) bilinearly to (C, S, S)."""
        size = (self.side, self.side)
        square = centre(image)[None]
        return F.interpolate(square, size, mode="bilinear", align_corners=False, antialias=self.antialias)[0]

    def restore(self, maps: Tensor, height: int, width: int) -> Tensor:
        """Undo the canvas for logits or probabilities (K, S, S): bilinear, then cut out (K, height, width)."""
        top, left, side = _offsets(height, width)
        square = F.interpolate(maps[None], (side, side), mode="bilinear", align_corners=False)[0]
        return square[:, top : top + height, left : left + width]
