"""Seeded weights and inputs under which the official code was run, and the comparison with what it gave.

A fixture NAME is three files: NAME.npz (arrays, sub-sampled when long), NAME.meta.json (their full shapes and the
rounding noise of the reference itself) and, for networks, NAME.keys.json (the official state dict: key -> [shape,
dtype]).
"""

import hashlib
import json
import re
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

REFERENCE = Path(__file__).parent / "reference"

Npz = Mapping[str, NDArray[Any]]
Keys = Mapping[str, tuple[list[int], str]]


def load_fixture(name: str, folder: str) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """The arrays and the meta data of one fixture in tests/reference/FOLDER."""
    with np.load(REFERENCE / folder / f"{name}.npz") as arrays:
        npz = dict(arrays)
    return npz, json.loads((REFERENCE / folder / f"{name}.meta.json").read_text())


def load_keys(name: str, folder: str) -> dict[str, tuple[list[int], str]]:
    """The official state dict's keys in their order, each with (shape, dtype)."""
    keys = json.loads((REFERENCE / folder / f"{name}.keys.json").read_text())
    return {key: (shape, dtype) for key, (shape, dtype) in keys.items()}


def _seeded_value(name: str, shape: tuple[int, ...], gains: list[tuple[str, float]]) -> Tensor:
    if name.endswith("num_batches_tracked"):
        return torch.zeros(shape, dtype=torch.int64)
    z = np.random.default_rng(zlib.crc32(name.encode())).standard_normal(shape)
    if name.endswith("running_var"):
        value = 1 + 0.1 * np.abs(z)
    elif name.endswith("running_mean"):
        value = 0.1 * z
    elif len(shape) >= 2:
        value = z * np.sqrt(2 / np.prod(shape[1:]))
    elif name.endswith("weight"):
        value = 1 + 0.1 * z
    else:
        value = 0.1 * z
    for pattern, gain in gains:
        if re.search(pattern, name):
            value = value * gain
    return torch.from_numpy(np.asarray(value, dtype=np.float32))


def seeded_state(keys_or_module: Keys | nn.Module, meta: dict[str, Any]) -> dict[str, Tensor]:
    """The state dict that the official network had: every value follows from its key alone.

    Entries that the reference left as built are absent (load with ``strict=False`` where there are any); of two keys
    that name one tensor both hold the value of the later one. ``overrides`` are separate files: the caller's business.
    """
    if isinstance(keys_or_module, nn.Module):
        entries = {key: (list(value.shape), str(value.dtype)) for key, value in keys_or_module.state_dict().items()}
    else:
        entries = dict(keys_or_module)
    seeding = meta["seeding"]
    kept = set(seeding["kept_as_built"])
    state = {
        name: _seeded_value(name, tuple(shape), seeding["gains"])
        for name, (shape, dtype) in entries.items()
        if name not in kept
        and not any(re.search(pattern, name) for pattern in seeding["fixed"])
        and ("float" in dtype or name.endswith("num_batches_tracked"))
    }
    for first, last in seeding["aliases_last_wins"]:
        if first in state:
            state[first] = _seeded_value(last, tuple(state[first].shape), seeding["gains"])
    return state


def img(seed: int, channels: int, height: int, width: int, block: int = 16) -> NDArray[np.float32]:
    """A blocky noise image in [0, 1], shape (channels, height, width)."""
    rng = np.random.default_rng(seed)
    coarse = rng.random((channels, height // block, width // block))
    fine = rng.random((channels, height, width))
    return (0.8 * np.kron(coarse, np.ones((1, block, block))) + 0.2 * fine).astype(np.float32)


def ellipse(height: int, width: int, cy: float, cx: float, ry: float, rx: float) -> NDArray[np.bool_]:
    """A filled ellipse, boolean (height, width); y and x are integer pixel indices."""
    y, x = np.ogrid[:height, :width]
    return ((y - cy) / ry) ** 2 + ((x - cx) / rx) ** 2 <= 1


def sha16(array: ArrayLike) -> str:
    """First 16 hexadecimal digits of the SHA-256 of an array's float32 bytes, as in meta["inputs"]."""
    return hashlib.sha256(np.ascontiguousarray(array, dtype=np.float32).tobytes()).hexdigest()[:16]


def assert_parity(name: str, array: ArrayLike | Tensor, npz: Npz, meta: dict[str, Any], factor: float = 10) -> None:
    """``array`` equals the reference NAME: shape, and every stored value within ``factor`` times its rounding noise.

    Arrays without a noise figure (integers) must be equal.
    """
    found = array.detach().cpu().numpy() if isinstance(array, Tensor) else np.asarray(array)
    entry = meta["arrays"][name]
    assert list(found.shape) == entry["shape"], f"{name}: shape {list(found.shape)}, reference {entry['shape']}"
    stored = npz[name].ravel()
    sampled = found.ravel()[:: entry["step"]]
    error = np.abs(sampled.astype(np.float64) - stored.astype(np.float64)).max(initial=0)
    tolerance = factor * entry.get("max_err_vs_float64", 0)
    assert error <= tolerance, f"{name}: differs by {error:.3g}, tolerance {tolerance:.3g}"
