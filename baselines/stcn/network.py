"""STCN (Cheng et al., 2021) with one more convolution that reads the motion mask (InstMove, Sec. 3.4)."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from baselines.stcn.blocks import ResBlock, UpsampleBlock
from baselines.stcn.encoders import KeyEncoder, ValueEncoder

Place = Literal["none", "stride16", "stride8", "stride4"]
"""Where the motion mask enters the decoder. The paper does not say; ``stride4``, the finest, is our default."""


@dataclass(frozen=True)
class StcnSettings:
    """Sizes: the paper's are base 64, key 64, value 512, decoder 256."""

    base: int = 64
    key: int = 64
    value: int = 512
    decoder: int = 256
    masks: int = 2
    """Mask channels of the value encoder: 2, or 1 in static pre-training."""
    motion: Place = "none"


@dataclass(frozen=True)
class Encoded:
    """A frame as the key encoder sees it: key (B, C, h, w), its own value, and features at strides 16, 8, 4."""

    key: Tensor
    thin: Tensor
    f16: Tensor
    f8: Tensor
    f4: Tensor


class KeyProjection(nn.Module):
    """The 3x3 convolution to the key (model/modules.py:165-174)."""

    def __init__(self, before: int, key: int) -> None:
        super().__init__()
        self.key_proj = nn.Conv2d(before, key, 3, padding=1)
        nn.init.orthogonal_(self.key_proj.weight)
        _no_bias(self.key_proj)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, before, h, w) to (B, key, h, w)."""
        projected: Tensor = self.key_proj(x)
        return projected


def _no_bias(convolution: nn.Conv2d) -> None:
    assert convolution.bias is not None
    nn.init.zeros_(convolution.bias)


class MotionReader(nn.Module):
    """A 3x3 convolution over features and motion mask; at first it returns the features as they are.

    So a checkpoint without it computes what plain STCN does, and training starts there.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels + 1, channels, 3, padding=1)
        nn.init.dirac_(self.conv.weight)
        _no_bias(self.conv)

    def forward(self, features: Tensor, motion: Tensor) -> Tensor:
        """Features (K, C, h, w) and the mask (K, 1, H, W), averaged down to (h, w), to (K, C, h, w)."""
        mask = F.interpolate(motion, size=features.shape[-2:], mode="area")
        read: Tensor = self.conv(torch.cat((features, mask), dim=1))
        return read


class Decoder(nn.Module):
    """Logits of an object from what the memory gave (model/network.py:19-36)."""

    def __init__(self, settings: StcnSettings) -> None:
        super().__init__()
        wide, narrow = settings.value, settings.decoder
        self.compress = ResBlock(2 * wide, wide)
        self.up_16_8 = UpsampleBlock(8 * settings.base, wide, narrow)
        self.up_8_4 = UpsampleBlock(4 * settings.base, narrow, narrow)
        self.pred = nn.Conv2d(narrow, 1, 3, padding=1)
        channels = {"stride16": 2 * wide, "stride8": narrow, "stride4": narrow}
        self.place = settings.motion
        self.motion = None if self.place == "none" else MotionReader(channels[self.place])

    def forward(self, read: Tensor, frame: Encoded, motion: Tensor | None) -> Tensor:
        """Logits (K, 1, H, W) from values (K, V, h, w), the frame's features and motion masks (K, 1, H, W)."""
        x = torch.cat((read, frame.thin.expand(len(read), -1, -1, -1)), dim=1)
        x = self.compress(self._with_motion("stride16", x, motion))
        x = self._with_motion("stride8", self.up_16_8(frame.f8, x), motion)
        x = self._with_motion("stride4", self.up_8_4(frame.f4, x), motion)
        return F.interpolate(self.pred(F.relu(x)), scale_factor=4, mode="bilinear", align_corners=False)

    def _with_motion(self, place: Place, features: Tensor, motion: Tensor | None) -> Tensor:
        if self.motion is None or place != self.place:
            return features
        if motion is None:
            raise ValueError("this network reads a motion mask; give one")
        read: Tensor = self.motion(features, motion)
        return read


class Stcn(nn.Module):
    """Key and value encoders and the decoder; names are those of the authors' checkpoints."""

    def __init__(self, settings: StcnSettings) -> None:
        super().__init__()
        self.settings = settings
        self.key_encoder = KeyEncoder(settings.base)
        self.value_encoder = ValueEncoder(settings.base, settings.value, settings.masks)
        self.key_proj = KeyProjection(16 * settings.base, settings.key)
        self.key_comp = nn.Conv2d(16 * settings.base, settings.value, 3, padding=1)
        self.decoder = Decoder(settings)

    def encode_key(self, images: Tensor) -> Encoded:
        """Normalised RGB (B, 3, H, W), H and W multiples of 16; once a frame, whatever the number of objects."""
        f16, f8, f4 = self.key_encoder(images)
        return Encoded(self.key_proj(f16), self.key_comp(f16), f16, f8, f4)

    def encode_value(self, image: Tensor, frame: Encoded, masks: Tensor) -> Tensor:
        """Values (K, V, h, w) of K objects of one frame (1, 3, H, W), from masks or probabilities (K, 1, H, W)."""
        count = len(masks)
        others = (masks.sum(0, keepdim=True) - masks,) if self.settings.masks == 2 else ()
        images, f16 = (part.expand(count, -1, -1, -1) for part in (image, frame.f16))
        values: Tensor = self.value_encoder(images, f16, masks, *others)
        return values

    def segment(self, read: Tensor, frame: Encoded, motion: Tensor | None = None) -> Tensor:
        """Logits (K, 1, H, W) of what the memory read for this frame, and motion masks (K, 1, H, W)."""
        logits: Tensor = self.decoder(read, frame, motion)
        return logits
