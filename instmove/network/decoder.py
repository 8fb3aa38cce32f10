"""The mask decoder D_m: mask features and the recalled pattern at stride 4 become logits at stride 1.

Where there is an image, its features join before the first two doublings of the resolution (Sec. 3.3), each through a
3x3 convolution and upsampled by two. With ``image_channels`` None these branches do not exist.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from instmove.network.encoders import scaled

Features = tuple[Tensor, Tensor]
"""Image features at strides 4 and 8; a batch of one serves all instances of a frame."""


class ResidualBlock(nn.Module):
    """Adds two pre-activated 3x3 convolutions to what comes in (B, C, H, W)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return x + self.conv2(F.relu(self.conv1(F.relu(x))))


class ImageFusion(nn.Module):
    """Adds an image map of half the resolution (twice the stride) to (B, channels, H, W), then refines the sum."""

    def __init__(self, channels: int, image_channels: int | None, refine: nn.Module) -> None:
        super().__init__()
        self.skip_conv = None if image_channels is None else nn.Conv2d(image_channels, channels, 3, padding=1)
        self.out_conv = refine

    def forward(self, x: Tensor, image: Tensor | None) -> Tensor:
        """Add the image map (1 or B, image_channels, H/2, W/2), if the network has an image branch."""
        if self.skip_conv is not None:
            assert image is not None, "this network needs image features"
            x = x + F.interpolate(self.skip_conv(image), scale_factor=2, mode="bilinear", align_corners=False)
        return self.out_conv(x)


def _double(before: int, after: int) -> nn.ConvTranspose2d:
    return nn.ConvTranspose2d(before, after, 3, stride=2, padding=1, output_padding=1)


def _keep(before: int, after: int) -> nn.ConvTranspose2d:
    return nn.ConvTranspose2d(before, after, 3, stride=1, padding=1)


class Decoder(nn.Module):
    """Two doublings with an image fusion before each; ``refined`` adds the release's residual blocks and a convolution.

    Released: wjf5203/VNext@db33833 projects/InstMove/MinVIS_motion/motion_models/model_withImgR6.py:34-68, with four
    deconvolutions (128, 64, 64, 1). Paper: three (Sec. 4.2; 128, 64, 1).
    """

    def __init__(self, image_channels: tuple[int, int] | None, width: float, refined: bool) -> None:
        super().__init__()
        fused, middle, fine = (scaled(channels, width) for channels in (256, 128, 64))
        stride4, stride8 = image_channels or (None, None)
        self.layer_1 = ImageFusion(fused, stride8, ResidualBlock(fused) if refined else nn.Identity())
        self.layer_m = nn.Sequential(_double(fused, middle), nn.ELU())
        self.layer_2 = ImageFusion(middle, stride4, ResidualBlock(middle) if refined else nn.Identity())
        narrow = (_keep(middle, fine), nn.ELU(), _double(fine, fine)) if refined else (_double(middle, fine),)
        self.layer_f = nn.Sequential(*narrow, nn.ELU(), _keep(fine, 1))

    def forward(self, x: Tensor, features: Features | None) -> Tensor:
        """Map (B, 256 width, S/4, S/4) and image features to logits (B, 1, S, S)."""
        stride4, stride8 = features or (None, None)
        x = self.layer_m(self.layer_1(x, stride8))
        return self.layer_f(self.layer_2(x, stride4))
