"""From images to flow on the masks' grid, and from a flow to masks where they are now."""

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from instmove.flow.raft import STRIDE, Raft, pixel_grid
from instmove.masks import grid_size
from instmove.video import Image


def warp(maps: Tensor, flow: Tensor) -> Tensor:
    """Look every pixel up where it was: bilinear ``maps(p + flow(p))``, zero outside.

    ``maps`` (B, C, H, W) of frame t-1, ``flow`` (B, 2, H, W) in pixels from t to t-1, on the grid of frame t.
    """
    height, width = flow.shape[-2:]
    points = (pixel_grid(height, width, flow.device) + flow).permute(0, 2, 3, 1)
    last = torch.tensor([width - 1, height - 1], device=flow.device, dtype=flow.dtype).clamp(min=1)
    return F.grid_sample(maps, 2 * points / last - 1, align_corners=True)


def resize_flow(flow: Tensor, height: int, width: int) -> Tensor:
    """Flow (B, 2, h, w) on another grid that covers the same frame, its vectors in pixels of that grid."""
    resized = F.interpolate(flow, (height, width), mode="bilinear", align_corners=False)
    scale = torch.tensor([width / flow.shape[-1], height / flow.shape[-2]], device=flow.device)
    return resized * scale.view(1, 2, 1, 1)


def scale_image(image: Image, longest: int) -> Image:
    """The image with its longest side scaled to ``longest`` pixels: area means down, bilinear up."""
    height, width = grid_size(image.shape[0], image.shape[1], longest)
    method = cv2.INTER_AREA if width < image.shape[1] else cv2.INTER_LINEAR
    return cv2.resize(image, (width, height), interpolation=method).astype(np.uint8, copy=False)


def image_tensor(images: Image) -> Tensor:
    """RGB images (..., H, W, 3) as float (..., 3, H, W) in 0..255, what RAFT takes."""
    return torch.from_numpy(images).movedim(-1, -3).float()


@torch.inference_mode()
def flow_between(raft: Raft, image: Image, previous: Image, longest: int, iterations: int) -> Tensor:
    """Flow (1, 2, h, w) from ``image`` back to ``previous``, both RGB of one size.

    RAFT sees the images with their longest side scaled to ``longest`` pixels, and (h, w) is that working size; both
    sides are padded by their border pixels to what the network takes, and the padding is cut off again.
    """
    pair = image_tensor(np.stack([scale_image(image, longest), scale_image(previous, longest)]))
    pair = pair.to(next(raft.parameters()).device)
    height, width = pair.shape[-2:]
    left, right = _padding(width, raft.settings.smallest_side)
    top, bottom = _padding(height, raft.settings.smallest_side)
    padded = F.pad(pair, (left, right, top, bottom), mode="replicate")
    flow = raft.estimate(padded[:1], padded[1:], iterations)
    return flow[..., top : top + height, left : left + width]


def _padding(side: int, smallest: int) -> tuple[int, int]:
    """Pixels before and after, as even as can be (utils.py:7-24, mode "sintel")."""
    wanted = max(smallest, -(-side // STRIDE) * STRIDE)
    return (wanted - side) // 2, wanted - side - (wanted - side) // 2
