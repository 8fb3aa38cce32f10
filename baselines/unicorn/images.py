"""Images as Unicorn sees them: BGR in 0..255, top left on a grey canvas."""

import torch
from torch import Tensor

from baselines.layers.images import inside, resized
from instmove.video import Image

GREY = 114
"""external/qdtrack/qdtrack/apis/test_omni.py:247-250."""


def as_input(images: Tensor, sizes: Tensor) -> Tensor:
    """RGB (B, 3, H, W) in 0..255 as BGR, grey outside of ``sizes`` (B, 2: height, width)."""
    return torch.where(inside(images, sizes)[:, None], images, GREY).flip(1)


def scale_to_fit(image: Image, height: int, width: int) -> float:
    """The factor by which an image just fits into ``height`` times ``width`` pixels."""
    return min(height / image.shape[0], width / image.shape[1])


def on_canvas(image: Image, height: int, width: int, device: torch.device | str) -> Tensor:
    """An RGB image, scaled to fit, as input (1, 3, height, width).

    MasterBin-IIAU/Unicorn@4da9079 external/qdtrack/qdtrack/apis/test_omni.py:236-272; at the paper's size, 800x1280,
    frames of BDD100K keep theirs.
    """
    scale = scale_to_fit(image, height, width)
    rows, columns = (int(side * scale) for side in image.shape[:2])
    canvas = torch.zeros(1, 3, height, width, device=device)
    canvas[0, :, :rows, :columns] = torch.from_numpy(resized(image, rows, columns).copy()).movedim(-1, 0)
    return as_input(canvas, torch.tensor([[rows, columns]], device=device))
