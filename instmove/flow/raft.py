"""RAFT, large and small, with the official key names (princeton-vl/RAFT, core/raft.py)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from instmove.flow.correlation import CorrelationPyramid
from instmove.flow.encoder import BottleneckBlock, Encoder, ResidualBlock, no_norm
from instmove.flow.update import (
    FlowHead,
    LargeGru,
    LargeMotionEncoder,
    SmallGru,
    SmallMotionEncoder,
    UpdateBlock,
)

Variant = Literal["large", "small"]
STRIDE = 8
"""Pixels of the image per cell of the flow that is refined (raft.py:72-83)."""


@dataclass(frozen=True)
class RaftSettings:
    """Which network: with the variant alone the published one; ``width`` multiplies its channels."""

    variant: Variant = "large"
    width: float = 1.0
    levels: int = 4

    @property
    def radius(self) -> int:
        """Reach of a correlation lookup, in pixels of its level (raft.py:28-38)."""
        return {"large": 4, "small": 3}[self.variant]

    @property
    def smallest_side(self) -> int:
        """Pixels that either side of an image needs, so that the coarsest level keeps two."""
        return 2 * STRIDE * 2 ** (self.levels - 1)

    @property
    def lookup_channels(self) -> int:
        """Channels of a correlation lookup."""
        return self.levels * (2 * self.radius + 1) ** 2

    def channels(self, published: int) -> int:
        """The published number of channels times ``width``, in fours (the bottleneck divides by four)."""
        return max(4, 4 * round(published * self.width / 4))


class Raft(nn.Module):
    """Optical flow by recurrent refinement.

    Images are RGB in 0..255, (B, 3, H, W), sides multiples of 8 and at least ``settings.smallest_side``. Flow is
    (B, 2, H, W) in pixels, x right then y down: image1(p) looks like image2(p + flow(p)).
    """

    def __init__(self, settings: RaftSettings):
        super().__init__()
        self.settings = settings
        build = {"large": _build_large, "small": _build_small}[settings.variant]
        self.fnet, self.cnet, self.update_block, self.hidden = build(settings)

    def forward(self, image1: Tensor, image2: Tensor, iterations: int) -> list[Tensor]:
        """The full-size flow after every iteration, for the sequence loss."""
        return [self.upsample(flow, hidden) for flow, hidden in self.refine(image1, image2, iterations)]

    def estimate(self, image1: Tensor, image2: Tensor, iterations: int) -> Tensor:
        """The full-size flow after the last iteration; only this one is upsampled."""
        for flow, hidden in self.refine(image1, image2, iterations):
            last = flow, hidden
        return self.upsample(*last)

    def refine(self, image1: Tensor, image2: Tensor, iterations: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield flow (B, 2, H / 8, W / 8), in pixels of that grid, and state after each iteration (raft.py:86-144)."""
        self._check_size(image1)
        images = 2 * (torch.cat([image1, image2]) / 255) - 1
        features1, features2 = self.fnet(images).chunk(2)
        pyramid = CorrelationPyramid(features1, features2, self.settings.levels, self.settings.radius)
        encoded = self.cnet(images[: len(image1)])
        hidden, context = encoded[:, : self.hidden].tanh(), encoded[:, self.hidden :].relu()
        origin = pixel_grid(hidden.shape[-2], hidden.shape[-1], image1.device)
        flow = torch.zeros(len(image1), *origin.shape, device=image1.device)
        for _ in range(iterations):
            flow = flow.detach()
            hidden, change = self.update_block(hidden, context, pyramid.lookup(origin + flow), flow)
            flow = flow + change
            yield flow, hidden

    def upsample(self, flow: Tensor, hidden: Tensor) -> Tensor:
        """Flow on the 1/8 grid to full size: by learned weights (large) or bilinearly (small, utils.py:80-82)."""
        logits = self.update_block.upsampling_logits(hidden)
        if logits is None:
            return STRIDE * F.interpolate(flow, scale_factor=STRIDE, mode="bilinear", align_corners=True)
        return convex_upsample(flow, logits)

    def _check_size(self, image: Tensor) -> None:
        height, width = image.shape[-2:]
        smallest = self.settings.smallest_side
        if height % STRIDE or width % STRIDE or min(height, width) < smallest:
            raise ValueError(f"image of {height}x{width}: sides must be multiples of {STRIDE} and at least {smallest}")


def pixel_grid(height: int, width: int, device: torch.device) -> Tensor:
    """Pixel positions (2, height, width), x then y."""
    y, x = torch.meshgrid(torch.arange(height, device=device), torch.arange(width, device=device), indexing="ij")
    return torch.stack([x, y]).float()


def convex_upsample(flow: Tensor, logits: Tensor) -> Tensor:
    """Each fine pixel as a softmax-weighted mean of 3x3 coarse neighbours (raft.py:72-83).

    ``flow`` (B, 2, h, w) in coarse pixels, ``logits`` (B, 9 * 64, h, w) to (B, 2, 8h, 8w) in fine pixels.
    """
    batch, _, height, width = flow.shape
    weights = logits.view(batch, 9, STRIDE**2, height * width).softmax(dim=1)
    neighbours = F.unfold(STRIDE * flow, 3, padding=1).view(batch, 2, 9, height * width)
    fine = torch.einsum("bksp,bckp->bcsp", weights, neighbours)
    return F.pixel_shuffle(fine.reshape(batch, 2 * STRIDE**2, height, width), STRIDE)


Parts = tuple[Encoder, Encoder, UpdateBlock, int]


def _build_large(settings: RaftSettings) -> Parts:
    """Both encoders, the update block with its upsampling head, and the width of the state (raft.py:32-56)."""
    c = settings.channels
    stages, hidden, context = (c(64), c(96), c(128)), c(128), c(128)
    motion = LargeMotionEncoder(settings.lookup_channels, (c(256), c(192), c(128), c(64), c(128) - 2))
    mask = nn.Sequential(nn.Conv2d(hidden, c(256), 3, padding=1), nn.ReLU(), nn.Conv2d(c(256), 9 * STRIDE**2, 1))
    update = UpdateBlock(motion, LargeGru(hidden, context + c(128)), FlowHead(hidden, c(256)), mask)
    fnet = Encoder(stages, c(256), ResidualBlock, nn.InstanceNorm2d)
    return fnet, Encoder(stages, hidden + context, ResidualBlock, nn.BatchNorm2d), update, hidden


def _build_small(settings: RaftSettings) -> Parts:
    """Both encoders, the update block and the width of the state; no upsampling head (raft.py:28-31, 49-51)."""
    c = settings.channels
    stages, hidden, context = (c(32), c(64), c(96)), c(96), c(64)
    motion = SmallMotionEncoder(settings.lookup_channels, (c(96), c(64), c(32), c(80)))
    update = UpdateBlock(motion, SmallGru(hidden, context + c(80) + 2), FlowHead(hidden, c(128)))
    fnet = Encoder(stages, c(128), BottleneckBlock, nn.InstanceNorm2d)
    return fnet, Encoder(stages, hidden + context, BottleneckBlock, no_norm), update, hidden
