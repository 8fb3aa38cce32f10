"""Images as CrossVIS sees them."""

from torch import Tensor

from baselines.layers.images import normalised


def as_input(images: Tensor, sizes: Tensor) -> Tensor:
    """RGB (B, 3, H, W) in 0..255 as BGR minus the mean, zero outside of ``sizes`` (B, 2: rows, columns).

    hustvl/CrossVIS@378f4f3 adet/modeling/condinst/crossvis.py:115-119; facebookresearch/detectron2@02b5c4e
    detectron2/config/defaults.py:42-46, 84.
    """
    return normalised(images, sizes, deviation=(1.0, 1.0, 1.0)).flip(1)
