"""Pickles that hold only numbers: arrays, tensors and the containers they come in.

A pickle is a program. The authors' weights, some of them pickled numpy arrays (detectron2's ``.pkl``), need few of the
things that a pickle can call; whatever else a file asks for is refused before it is called.
"""

import _codecs
import collections
import io
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from instmove.errors import InstMoveError

_BUILTINS = (bool, bytearray, bytes, complex, dict, float, frozenset, int, list, set, slice, str, tuple)
_COLLECTIONS = (collections.Counter, collections.OrderedDict, collections.defaultdict, collections.deque)


def _storage(content: bytes) -> Any:
    """In place of torch's own function, which would unpickle anything."""
    return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)


def _numpy_functions() -> dict[tuple[str, str], Any]:
    """What arrays and scalars of numpy are made with, under the names of numpy 1 and 2."""
    from numpy._core import multiarray, numeric

    made = {
        ("multiarray", "_reconstruct"): multiarray._reconstruct,
        ("multiarray", "scalar"): multiarray.scalar,
        ("numeric", "_frombuffer"): numeric._frombuffer,  # type: ignore[attr-defined]
    }
    return {(f"numpy.{core}.{part}", name): f for (part, name), f in made.items() for core in ("core", "_core")}


NUMPY: dict[tuple[str, str], Any] = {
    **_numpy_functions(),
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
}
ALLOWED: dict[tuple[str, str], Any] = {
    **{(module, kind.__name__): kind for kind in _BUILTINS for module in ("builtins", "__builtin__")},
    **{("collections", kind.__name__): kind for kind in _COLLECTIONS},
    **NUMPY,
    ("_codecs", "encode"): _codecs.encode,  # how Python 2's protocols write bytes
    ("torch", "Size"): torch.Size,
    ("torch._utils", "_rebuild_parameter"): torch._utils._rebuild_parameter,
    ("torch._utils", "_rebuild_tensor_v2"): torch._utils._rebuild_tensor_v2,
    ("torch.storage", "_load_from_bytes"): _storage,
}
"""(module, name) as a pickle says it -> what is called: nothing here runs code or touches files."""


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """What a pickle may call, one of ALLOWED."""
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return ALLOWED[module, name]


def read_plain_pickle(path: Path) -> Any:
    """What a pickle holds, numpy arrays as tensors on the CPU.

    One that is truncated, no pickle at all, or asks for more than ALLOWED is an :class:`InstMoveError`.
    """
    try:
        with path.open("rb") as handle:
            content = _PlainUnpickler(handle, encoding="latin1").load()
    except pickle.UnpicklingError as error:
        raise InstMoveError(f"{path}: refused, it holds more than numbers or is no pickle ({error})") from None
    except EOFError:
        raise InstMoveError(f"{path}: ends in the middle of a pickle; download it again") from None
    except OSError as error:
        raise InstMoveError(f"{path}: cannot be read ({error.strerror})") from None
    except Exception as error:  # a broken pickle calls what is allowed with whatever it holds
        raise InstMoveError(f"{path}: a broken pickle ({type(error).__name__}); download it again") from None
    return _as_tensors(content)


def _as_tensors(content: Any) -> Any:
    """Arrays of numbers in mappings as tensors, everything else as it is."""
    if isinstance(content, Mapping):
        return {key: _as_tensors(value) for key, value in content.items()}
    if isinstance(content, np.ndarray) and content.dtype.kind in "biuf":
        return torch.from_numpy(np.array(content, dtype=content.dtype.newbyteorder("=")))
    return content


def numpy_for_torch() -> list[Callable[..., Any] | tuple[Callable[..., Any], str]]:
    """What ``torch.serialization.safe_globals`` takes, for torch files with numbers of numpy beside the weights."""
    kinds = [getattr(np.dtypes, name) for name in np.dtypes.__all__]
    return [*kinds, *((found, f"{module}.{name}") for (module, name), found in NUMPY.items())]
