"""The authors' PCAN weights under our names."""

import re
from collections.abc import Mapping

from torch import Tensor

RENAMED = (
    # torchvision's names of a ResNet, and mmdetection's of a pyramid, to detectron2's
    (r"^backbone\.(conv1|bn1)\.", r"backbone.bottom_up.stem.\1."),
    (r"^backbone\.layer(\d)\.", lambda match: f"backbone.bottom_up.res{int(match[1]) + 1}."),
    (r"^(backbone\..*)\.bn(\d)\.", r"\1.conv\2.norm."),
    (r"^(backbone\..*)\.downsample\.0\.", r"\1.shortcut."),
    (r"^(backbone\..*)\.downsample\.1\.", r"\1.shortcut.norm."),
    (r"^neck\.lateral_convs\.(\d)\.conv\.", lambda match: f"backbone.fpn_lateral{int(match[1]) + 2}."),
    (r"^neck\.fpn_convs\.(\d)\.conv\.", lambda match: f"backbone.fpn_output{int(match[1]) + 2}."),
    # heads
    (r"^roi_head\.", ""),
    (r"^(mask|refine)_head\.(conv.*)\.conv\.", r"\1_head.\2."),
    (r"^mu(\d)$", r"attention.mu\1"),
)
"""(pattern, replacement), applied one after another."""

UNUSED = re.compile(r"mu[234]|.*\.num_batches_tracked")
"""Prototypes of levels without attention, and how many batches the constants of the normalisation are from."""


def convert(tensors: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], list[str]]:
    """SysCV/pcan's state dict as :class:`PcanNetwork`'s, and the names that are knowingly unused.

    Names that are not known are kept, so that a strict load lists them.
    """
    unused = [key for key in tensors if UNUSED.fullmatch(key)]
    return {_renamed(key): value for key, value in tensors.items() if key not in set(unused)}, unused


def _renamed(key: str) -> str:
    for pattern, replacement in RENAMED:
        key = re.sub(pattern, replacement, key)
    return key
