"""The authors' CrossVIS weights under our names."""

from collections.abc import Mapping

from torch import Tensor

RENAMED = {"proposal_generator.fcos_head.": "head.", "controller.": "head.controller."}
"""Prefix there -> prefix here; all other names are the same."""
UNUSED = ("cls.weight", "cls.bias", "mask_head.sizes_of_interest", "mask_head._iter")
"""The classifier of training identities, which inference does not read, and two buffers that hold settings."""


def convert(tensors: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], list[str]]:
    """hustvl/CrossVIS's state dict as :class:`CrossVisNetwork`'s, and the names that are knowingly unused.

    Names that are not known are kept, so that a strict load lists them.
    """
    ours = {_renamed(key): value for key, value in tensors.items() if key not in UNUSED}
    return ours, [key for key in UNUSED if key in tensors]


def _renamed(key: str) -> str:
    for official, own in RENAMED.items():
        if key.startswith(official):
            return own + key.removeprefix(official)
    return key
