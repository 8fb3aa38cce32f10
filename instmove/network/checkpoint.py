"""Reading and writing weights: our own safetensors files, the authors' checkpoint, ImageNet's ResNet-50.

Whatever is wrong with a file is one line that names it.
"""

import json
import pickle
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from instmove.errors import InstMoveError
from instmove.files import atomic_path
from instmove.network.base import InstMoveNetwork
from instmove.network.build import NetworkSettings, build_network
from instmove.network.images import FrozenFeatures, TrainedFeatures
from instmove.network.released import ReleasedInstMove

UNUSED_RESNET_STAGES = re.compile(r"encoder_img\.body\.layer[34]\.")
"""Keys of the released file that are knowingly dropped: the release runs these stages and reads nothing of them."""

_SETTINGS = "settings"


def read_tensors(path: Path | str) -> dict[str, Tensor]:
    """All tensors of a .safetensors file or of a plain torch file, on the CPU; other pickles are refused unopened."""
    path = Path(path)
    if not path.is_file():
        raise InstMoveError(f"{path}: weights not found")
    if path.suffix == ".safetensors":
        return _read_safetensors(path)
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError:
        raise InstMoveError(f"{path}: refused, it is not a torch file of plain tensors") from None
    except Exception as error:  # torch raises whatever it stumbles over in a broken file
        raise InstMoveError(f"{path}: cannot be read as weights ({_one_line(error)}); copy it again") from None
    if not isinstance(content, Mapping) or not all(isinstance(value, Tensor) for value in content.values()):
        raise InstMoveError(f"{path}: refused, it holds more than a flat list of named tensors")
    return dict(content)


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
    problems = [f"{what}: {', '.join(items)}" for what, items in wrong.items() if items]
    if problems:
        raise InstMoveError(f"{path}: these are not the weights of this network; {'; '.join(problems)}")
    module.load_state_dict(dict(tensors))


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


def save_network(path: Path | str, network: nn.Module, settings: NetworkSettings, half: bool = False) -> None:
    """Write weights and settings as one safetensors file; ``half`` stores float16, for weights that are shipped."""
    tensors = {key: value.detach().cpu().contiguous() for key, value in network.state_dict().items()}
    if half:
        tensors = {key: value.half() if value.is_floating_point() else value for key, value in tensors.items()}
    with atomic_path(path) as temporary:
        save_file(tensors, temporary, metadata={_SETTINGS: json.dumps(asdict(settings), sort_keys=True)})


def load_network(path: Path | str, fixed: FrozenFeatures | None = None) -> tuple[InstMoveNetwork, NetworkSettings]:
    """A network that :func:`save_network` wrote, in evaluation mode; ``fixed`` receives the frozen part's weights."""
    tensors = {key: value.float() if value.is_floating_point() else value for key, value in read_tensors(path).items()}
    settings = _read_settings(Path(path))
    if (settings.image == "fixed") != (fixed is not None):
        raise InstMoveError(
            f"{path}: image features are '{settings.image}'; frozen features of a host go with 'fixed' only"
        )
    network = build_network(settings.variant, settings.image, settings.width, fixed)
    load_strict(network, tensors, path)
    return network.eval(), settings


def _read_settings(path: Path) -> NetworkSettings:
    try:
        with safe_open(path, framework="pt") as handle:
            metadata: dict[str, str] = handle.metadata() or {}
        return NetworkSettings(**json.loads(metadata[_SETTINGS]))
    except (SafetensorError, KeyError, TypeError, json.JSONDecodeError):
        raise InstMoveError(f"{path}: weights without InstMove's settings; was it written by 'instmove'?") from None
