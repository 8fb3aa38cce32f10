"""Official state dicts under our names: what the import of several hosts shares."""

import re
from collections.abc import Sequence

from torch import Tensor

_SELF_ATTENTION = re.compile(r"(.*\.self_attn)\.in_proj_(weight|bias)$")


def renamed(key: str, rules: Sequence[tuple[str, str]]) -> str:
    """``key`` after all (pattern, replacement), one after another."""
    for pattern, replacement in rules:
        key = re.sub(pattern, replacement, key)
    return key


def split_attention(key: str, value: Tensor) -> dict[str, Tensor]:
    """Query, key and value projections of self-attention are one tensor in torch's module and three in ours."""
    match = _SELF_ATTENTION.match(key)
    if match is None:
        return {key: value}
    parts = zip("qkv", value.chunk(3), strict=True)
    return {f"{match[1]}.{letter}_proj.{match[2]}": part for letter, part in parts}
