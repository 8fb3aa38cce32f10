"""STCN's weights on disk: our safetensors files, which say of what size they are, and the authors' state dicts."""

from dataclasses import asdict, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from baselines.stcn.network import Stcn, StcnSettings
from instmove.network.checkpoint import load_strict, read_settings, read_weights, write_weights

METADATA_KEY = "stcn"
STEM = "value_encoder.conv1.weight"
MOTION = "decoder.motion."
IMAGE_CHANNELS = 3


def save_stcn(path: Path, network: Stcn) -> None:
    """Write weights and sizes as one safetensors file."""
    write_weights(path, network, METADATA_KEY, asdict(network.settings))


def load_stcn(path: Path) -> Stcn:
    """A network that :func:`save_stcn` wrote, in evaluation mode."""
    network = Stcn(read_settings(path, METADATA_KEY, StcnSettings, "STCN"))
    load_strict(network, read_weights(path), path)
    return network.eval()


def start_from(path: Path, settings: StcnSettings, seed: int) -> Stcn:
    """A network for the main training with the weights of static pre-training, ours or the authors'.

    The value encoder then reads the masks of the other objects too: a stem without that channel gets an orthogonal
    one (hkchengrex/STCN@eb83102 model/model.py:211-228), drawn from ``seed`` alone, so that branches start alike. The
    convolution that reads the motion mask is fresh where the file has none. Anything else is strict.
    """
    network = Stcn(settings)
    tensors = read_weights(path)
    if STEM in tensors and tensors[STEM].shape[1] == IMAGE_CHANNELS + settings.masks - 1:
        tensors[STEM] = torch.cat((tensors[STEM], _orthogonal_channel(tensors[STEM], seed)), dim=1)
    fresh = {name: value for name, value in network.state_dict().items() if name.startswith(MOTION)}
    load_strict(network, {**fresh, **tensors}, path)
    return network


def single_object(settings: StcnSettings) -> StcnSettings:
    """The same sizes for static pre-training: one object, no motion."""
    return replace(settings, masks=1, motion="none")


def _orthogonal_channel(stem: Tensor, seed: int) -> Tensor:
    channel = stem.new_empty(len(stem), 1, *stem.shape[2:])
    return nn.init.orthogonal_(channel, generator=torch.Generator().manual_seed(seed))
