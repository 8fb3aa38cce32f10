"""Groups of parameters and their learning rates."""

from collections import OrderedDict

import pytest
import torch
from torch import nn

from instmove.training.optimizer import build_optimizer, set_rate
from instmove.training.settings import TrainSettings

SETTINGS = {"iterations": 1, "batch_size": 1, "lr": 0.1, "seed": 0, "weight_decay": 0.5}


def network() -> nn.Module:
    parts = {
        "backbone": nn.Conv2d(3, 4, 1),
        "norm": nn.GroupNorm(2, 4),
        "head": nn.Linear(4, 2),
        "queries": nn.Embedding(3, 4),
    }
    module = nn.Sequential(OrderedDict(parts))
    module.head.bias.requires_grad_(False)
    return module


def groups(optimizer: torch.optim.Optimizer, module: nn.Module) -> dict[str, tuple[float, float]]:
    """Learning rate and weight decay of every trained parameter by its name."""
    names = {id(parameter): name for name, parameter in module.named_parameters()}
    return {
        names[id(parameter)]: (group["lr"], group["weight_decay"])
        for group in optimizer.param_groups
        for parameter in group["params"]
    }


def test_one_group_where_nothing_else_is_asked_for() -> None:
    module = network()
    optimizer = build_optimizer(module, TrainSettings(**SETTINGS))
    assert isinstance(optimizer, torch.optim.Adam) and len(optimizer.param_groups) == 1
    assert groups(optimizer, module).keys() == {n for n, p in module.named_parameters() if p.requires_grad}


def test_scaled_parts_and_spared_norms() -> None:
    module = network()
    wanted = TrainSettings(**SETTINGS, optimizer="adamw", decay_norms=False, lr_scales={"backbone": 0.1})
    optimizer = build_optimizer(module, wanted)
    set_rate(optimizer, 0.3)
    assert isinstance(optimizer, torch.optim.AdamW)
    assert groups(optimizer, module) == {
        "backbone.weight": (pytest.approx(0.03), 0.5),
        "backbone.bias": (pytest.approx(0.03), 0.5),
        "norm.weight": (0.3, 0.0),
        "norm.bias": (0.3, 0.0),
        "head.weight": (0.3, 0.5),
        "queries.weight": (0.3, 0.0),
    }


def test_sgd_has_momentum() -> None:
    optimizer = build_optimizer(network(), TrainSettings(**SETTINGS, optimizer="sgd"))
    assert isinstance(optimizer, torch.optim.SGD)
    assert {group["momentum"] for group in optimizer.param_groups} == {0.9}
