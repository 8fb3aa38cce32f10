"""What looks at masks: the mask encoder E_m (2D, one frame at a time) and the motion encoders p_theta, q_phi (3D).

Layer sizes: released, wjf5203/VNext@db33833 projects/InstMove/MinVIS_motion/motion_models/model_withImgR6.py:74-82 and
188-207; paper, Sec. 4.2 and App. A (3 3D convolutions, 2 2D convolutions, l = 256).
"""

from torch import Tensor, nn


def scaled(channels: int, width: float) -> int:
    """A channel count of the full-size network at a width multiplier."""
    return max(1, round(channels * width))


class MaskEncoder(nn.Sequential):
    """E_m: masks (B, 1, S, S) to features (B, 128 width, S/4, S/4); ``strides`` are those of its 3x3 convolutions."""

    def __init__(self, channels: tuple[int, ...], strides: tuple[int, ...], width: float) -> None:
        layers: list[nn.Module] = []
        before = 1
        for after, stride in zip((scaled(c, width) for c in channels), strides, strict=True):
            layers += [nn.Conv2d(before, after, 3, stride, padding=1), nn.ELU()]
            before = after
        super().__init__(*layers)


def released_mask_encoder(width: float) -> MaskEncoder:
    """Four convolutions, model_withImgR6.py:74-82."""
    return MaskEncoder((64, 64, 128, 128), (2, 1, 2, 1), width)


def paper_mask_encoder(width: float) -> MaskEncoder:
    """Two convolutions (Sec. 4.2)."""
    return MaskEncoder((64, 128), (2, 2), width)


def _temporal_layers(channels: tuple[int | str, ...], width: float) -> list[nn.Module]:
    """3x3x3 convolutions with ReLU; "pool" halves height and width and leaves time alone."""
    layers: list[nn.Module] = []
    before = 1
    for item in channels:
        if isinstance(item, str):
            layers.append(nn.MaxPool3d((1, 2, 2)))
        else:
            after = scaled(item, width)
            layers += [nn.Conv3d(before, after, 3, padding=1), nn.ReLU()]
            before = after
    return layers


class DifferenceEncoder(nn.Sequential):
    """Released p_theta and q_phi: masks (B, n, S, S) to a map of queries (B, 512 width, S/16, S/16).

    It sees the n - 1 differences of consecutive masks (model_withImgR6.py:220) and averages over time.
    """

    def __init__(self, width: float) -> None:
        plan = (64, "pool", 128, "pool", 256, 256, "pool", 512, 512, "pool")
        super().__init__(*_temporal_layers(plan, width))

    def forward(self, masks: Tensor) -> Tensor:
        """See the class."""
        return super().forward(masks.diff(dim=1)[:, None]).mean(dim=2)


class VectorEncoder(nn.Module):
    """The paper's p_theta and q_phi (Sec. 3.2): masks (B, n, S, S) to one query (B, 256 width) an instance."""

    def __init__(self, width: float) -> None:
        super().__init__()
        self.layers = nn.Sequential(*_temporal_layers((64, "pool", 128, "pool", 256, "pool"), width))
        self.regress = nn.Linear(scaled(256, width), scaled(256, width))

    def forward(self, masks: Tensor) -> Tensor:
        """See the class."""
        return self.regress(self.layers(masks[:, None]).mean(dim=(2, 3, 4)))
