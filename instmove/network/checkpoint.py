"""Reading and writing weights: our own safetensors files, the authors' checkpoint, ImageNet's ResNet-50.

Whatever is wrong with a file is one line that names it.
"""

import json
import pickle
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from instmove.errors import InstMoveError
from instmove.files import atomic_path
from instmove.network.backbone import first_stages
from instmove.network.base import InstMoveNetwork
from instmove.network.build import NetworkSettings, build_network
from instmove.network.images import FrozenFeatures, TrainedFeatures
from instmove.network.released import ReleasedInstMove
from instmove.plain_pickle import numpy_for_torch, read_plain_pickle

UNUSED_RESNET_STAGES = re.compile(r"encoder_img\.body\.layer[34]\.")
"""Keys of the released file that are knowingly dropped: the release runs these stages and reads nothing of them."""

_SETTINGS = "settings"
LISTED = 8
"""Keys that an error names; of a file of something else none of hundreds fits."""

T = TypeVar("T")


def read_tensors(path: Path | str) -> dict[str, Tensor]:
    """All tensors of a .safetensors file, or of one for :func:`read_torch` that holds nothing else, on the CPU."""
    path = Path(path)
    if not path.is_file():
        raise InstMoveError(f"{path}: weights not found")
    if path.suffix == ".safetensors":
        return _read_safetensors(path)
    content = read_torch(path)
    if not is_state_dict(content):
        raise InstMoveError(f"{path}: refused, it holds more than a flat list of named tensors")
    return dict(content)


def read_torch(path: Path | str) -> Any:
    """What a file of the authors holds, on the CPU: a torch file, or a pickle of arrays (detectron2's ``.pkl``).

    Tensors, numbers and plain containers; whatever else a file asks for is refused before it is called.
    """
    path = Path(path)
    if not _head(path).startswith(_TORCH_HEADS):
        return read_plain_pickle(path)
    try:
        with torch.serialization.safe_globals(numpy_for_torch()):
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise InstMoveError(f"{path}: refused, it is not a torch file of plain tensors") from None
    except Exception as error:  # torch raises whatever it stumbles over in a broken file
        size = f"of {path.stat().st_size} bytes"
        raise InstMoveError(f"{path}: cannot be read as weights ({size}, {_one_line(error)}); copy it again") from None


_TORCH_HEADS = (b"PK\x03\x04", b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.")
"""How torch files begin: a zip, and before torch 1.6 a pickled magic number."""
_PAGE_HEADS = (b"<!doc", b"<html")


def _head(path: Path) -> bytes:
    """The first bytes of a file; a web page in place of the weights is an error that says so."""
    try:
        with path.open("rb") as handle:
            head = handle.read(16)
    except FileNotFoundError:
        raise InstMoveError(f"{path}: weights not found") from None
    except OSError as error:
        raise InstMoveError(f"{path}: cannot be read ({error.strerror}); check its permissions") from None
    if head.strip().lower().startswith(_PAGE_HEADS):
        raise InstMoveError(f"{path}: a web page, not weights; the site asked for a confirmation, download it by hand")
    return head


def is_state_dict(content: Any) -> bool:
    """Whether it is a mapping to tensors and nothing else."""
    return isinstance(content, Mapping) and all(isinstance(value, Tensor) for value in content.values())


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (SafetensorError, OSError) as error:
        raise InstMoveError(f"{path}: cannot be read as safetensors ({_one_line(error)}); copy it again") from None


def _one_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def load_strict(module: nn.Module, tensors: Mapping[str, Tensor], path: Path | str) -> None:
    """Copy ``tensors`` into ``module``; keys and shapes must be exactly its own. ``path`` is named in errors."""
    own = module.state_dict()
    wrong = {
        "missing keys": [key for key in own if key not in tensors],
        "unexpected keys": [key for key in tensors if key not in own],
        "wrong shapes": [
            f"{key} {list(tensors[key].shape)} instead of {list(own[key].shape)}"
            for key in own
            if key in tensors and tensors[key].shape != own[key].shape
        ],
    }
    problems = [f"{what}: {_first(items)}" for what, items in wrong.items() if items]
    if problems:
        raise InstMoveError(f"{path}: these are not the weights of this network; {'; '.join(problems)}")
    module.load_state_dict(dict(tensors))


def _first(items: list[str]) -> str:
    """The first few, and how many there are beside them."""
    more = f" and {len(items) - LISTED} more" if len(items) > LISTED else ""
    return ", ".join(items[:LISTED]) + more


def _without(tensors: Mapping[str, Tensor], dropped: Iterable[re.Pattern[str]]) -> dict[str, Tensor]:
    patterns = list(dropped)
    return {key: value for key, value in tensors.items() if not any(p.search(key) for p in patterns)}


_BATCH_COUNTS = re.compile(r"num_batches_tracked$")


def load_released(path: Path | str) -> ReleasedInstMove:
    """The authors' ``motion_model.pth``: strict but for the unused ResNet stages and batch counts.

    Loading rule: wjf5203/VNext@db33833 projects/InstMove/MinVIS_motion/minvis/video_maskformer_model.py:150-157.
    """
    tensors = {key.removeprefix("module."): value for key, value in read_tensors(path).items()}
    network = ReleasedInstMove(TrainedFeatures(width=1.0))
    load_strict(network, _without(tensors, (UNUSED_RESNET_STAGES, _BATCH_COUNTS)), path)
    return network.eval()


_BEYOND_STAGE_TWO = re.compile(r"^(layer[34]|fc)\.")


def load_imagenet(network: InstMoveNetwork, path: Path | str) -> None:
    """Start the trained image encoder (width 1) from torchvision's ResNet-50; strict for the stem and two stages."""
    if not isinstance(network.encoder_img, TrainedFeatures):
        raise InstMoveError(
            f"{path}: ImageNet weights go into a network with image features 'full', this one has others"
        )
    tensors = _without(read_tensors(path), (_BEYOND_STAGE_TWO, _BATCH_COUNTS))
    load_strict(network.encoder_img.body, tensors, path)


def write_weights(path: Path | str, module: nn.Module, key: str, settings: Any) -> None:
    """Write weights as safetensors, atomically, with ``settings`` as JSON in their metadata under ``key``."""
    # cloned, because safetensors refuses two names of one tensor, as RAFT has them
    tensors = {name: value.detach().cpu().contiguous().clone() for name, value in module.state_dict().items()}
    with atomic_path(path) as temporary:
        save_file(tensors, temporary, metadata={key: json.dumps(settings, sort_keys=True)})


def write_halved(path: Path | str, weights: Path) -> None:
    """Write a file of ours again, in float16 where it has float32; :func:`read_weights` gives float32 either way."""
    tensors, metadata = read_tensors(weights), _metadata(weights)
    with atomic_path(path) as temporary:
        save_file(_floating_as(torch.float16, tensors), temporary, metadata=metadata)


def read_weights(path: Path | str) -> dict[str, Tensor]:
    """As :func:`read_tensors`, floating tensors as float32."""
    return _floating_as(torch.float32, read_tensors(path))


def _floating_as(dtype: torch.dtype, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: value.to(dtype) if value.is_floating_point() else value for name, value in tensors.items()}


def read_settings(path: Path | str, key: str, build: Callable[..., T], whose: str) -> T:
    """``build(**settings)`` of what :func:`write_weights` stored under ``key``; errors say ``whose`` they are."""
    try:
        return build(**json.loads(_metadata(path)[key]))
    except (SafetensorError, OSError, KeyError, TypeError, json.JSONDecodeError):
        raise InstMoveError(f"{path}: weights without {whose}'s settings; was it written by 'instmove'?") from None


def _metadata(path: Path | str) -> dict[str, str]:
    with safe_open(path, framework="pt") as handle:
        return handle.metadata() or {}


def save_network(path: Path | str, network: nn.Module, settings: NetworkSettings) -> None:
    """Write weights and settings as one safetensors file."""
    said = {name: value for name, value in asdict(settings).items() if value is not False}  # as before there was one
    write_weights(path, network, _SETTINGS, said)


def load_network(path: Path | str) -> tuple[InstMoveNetwork, NetworkSettings]:
    """A network that :func:`save_network` wrote, in evaluation mode."""
    tensors = read_weights(path)
    settings = read_settings(path, _SETTINGS, NetworkSettings, "InstMove")
    fixed = _frozen_features(tensors, path) if settings.image == "fixed" else None
    network = build_network(settings.variant, settings.image, settings.width, fixed)
    load_strict(network, tensors, path)
    return network.eval(), settings


def load_frozen_features(path: Path | str) -> FrozenFeatures:
    """A copy of the first stages of the backbone in a host's weights, for image features ``fixed``."""
    return _frozen_features(read_weights(path), path)


def _frozen_features(tensors: Mapping[str, Tensor], path: Path | str) -> FrozenFeatures:
    try:
        stages = first_stages(tensors)
    except ValueError:
        raise InstMoveError(f"{path}: no ResNet in it; image features 'fixed' are those of a host's weights") from None
    return FrozenFeatures(stages, (stages.channels[0], stages.channels[1]))
