"""What dense predictions come down to."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Detections:
    """N instances of one image, best first."""

    locations: Tensor
    """(N,): numbers of the locations that predicted them."""
    classes: Tensor
    scores: Tensor
    boxes: Tensor
    """(N, 4): x1, y1, x2, y2 in pixels of the input, not clipped."""
