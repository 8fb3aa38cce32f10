"""Moving a mask by a fraction of a pixel."""

import numpy as np
from numpy.typing import NDArray

from instmove.masks import BoolArray


def shift_mask(mask: BoolArray, dy: float, dx: float) -> NDArray[np.float32]:
    """Probabilities (h, w) of a mask moved by (dy, dx) pixels, bilinear; what leaves the grid is lost."""
    from scipy.ndimage import shift

    moved = shift(mask.astype(np.float32), (dy, dx), order=1, mode="grid-constant", cval=0.0)
    return moved.astype(np.float32, copy=False)
