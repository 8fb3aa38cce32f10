"""The optimiser of a training run: its groups of parameters and their learning rates."""

from collections.abc import Iterator

import torch
from torch import nn

from instmove.training.settings import TrainSettings

Group = dict[str, object]
NORMS = (nn.modules.batchnorm._BatchNorm, nn.GroupNorm, nn.LayerNorm, nn.Embedding)
"""Modules that ``decay_norms: false`` spares: normalisation layers and embeddings, as detectron2's recipes do."""


def build_optimizer(module: nn.Module, settings: TrainSettings) -> torch.optim.Optimizer:
    """Adam, AdamW or SGD (momentum 0.9) over the trainable parameters."""
    groups = list(_groups(module, settings))
    if settings.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=settings.lr, momentum=0.9)
    kind = torch.optim.AdamW if settings.optimizer == "adamw" else torch.optim.Adam
    return kind(groups, lr=settings.lr, fused=True)


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Set the learning rate; each group takes its own multiple of it."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group["lr_scale"]


def _groups(module: nn.Module, settings: TrainSettings) -> Iterator[Group]:
    """Parameters with equal learning rate and weight decay, in the order of their names in the module."""
    spared = set() if settings.decay_norms else _spared(module)
    found: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in module.named_parameters():
        if parameter.requires_grad:
            scale = next((scale for part, scale in settings.lr_scales.items() if part in name), 1.0)
            decay = 0.0 if name in spared else settings.weight_decay
            found.setdefault((scale, decay), []).append(parameter)
    for (scale, decay), parameters in found.items():
        yield {"params": parameters, "lr_scale": scale, "weight_decay": decay}


def _spared(module: nn.Module) -> set[str]:
    return {
        f"{prefix}.{name}".removeprefix(".")
        for prefix, part in module.named_modules()
        if isinstance(part, NORMS)
        for name, _ in part.named_parameters(recurse=False)
    }
