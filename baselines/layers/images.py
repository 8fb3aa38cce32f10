"""Frames as the networks take them: resized as detectron2 does, normalised, padded right and below."""

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image as Pillow
from torch import Tensor
from torch.nn import functional as F

from instmove.network.canvas import MEAN, STD
from instmove.video import Image

STRIDE = 32
"""Padded sides are multiples of this, the coarsest stride of a ResNet.

NVlabs/MinVIS@d039c54 minvis/video_maskformer_model.py:192-197; detectron2@02b5c4e structures/image_list.py:99-131.
"""


def scaled_size(height: int, width: int, shortest: int, longest: int) -> tuple[int, int]:
    """Height and width with the short side at ``shortest``, or less where the long one would pass ``longest``.

    facebookresearch/detectron2@02b5c4e detectron2/data/transforms/augmentation_impl.py, ResizeShortestEdge: both
    sides are rounded half up at the end.
    """
    scale = shortest / min(height, width)
    sides = height * scale, width * scale
    shrink = min(1.0, longest / max(sides))
    return int(sides[0] * shrink + 0.5), int(sides[1] * shrink + 0.5)


def resized(image: Image, height: int, width: int) -> Image:
    """Bilinear, as Pillow does it (averaging when it shrinks): detectron2's ResizeTransform on 8-bit images."""
    if image.shape[:2] == (height, width):
        return image
    return np.asarray(Pillow.fromarray(image).resize((width, height), Pillow.Resampling.BILINEAR))


def padded_batch(images: Sequence[Image], height: int, width: int, device: torch.device | str) -> Tensor:
    """Equally large images, resized, as (B, 3, H, W) in 0..255; H and W are height and width up to a multiple of 32."""
    stacked = np.stack([resized(image, height, width) for image in images])
    batch = torch.from_numpy(stacked).to(device).movedim(-1, 1).float()
    return F.pad(batch, (0, -width % STRIDE, 0, -height % STRIDE))


def normalised(images: Tensor, sizes: Tensor, deviation: Sequence[float] = STD) -> Tensor:
    """RGB (B, 3, H, W) in 0..255, less the mean, by ``deviation``; zero outside of ``sizes`` (B, 2: height, width)."""
    mean, std = (images.new_tensor(values)[:, None, None] for values in (MEAN, deviation))
    return (images - mean) / std * inside(images, sizes)[:, None]


def inside(images: Tensor, sizes: Tensor) -> Tensor:
    """Which pixels of images (B, 3, H, W) lie within ``sizes`` (B, 2: height, width), bool (B, H, W)."""
    rows, columns = (torch.arange(side, device=images.device) for side in images.shape[2:])
    height, width = sizes[:, 0, None, None], sizes[:, 1, None, None]
    return (rows[:, None] < height) & (columns < width)
