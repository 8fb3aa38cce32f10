"""CrossVIS's network and training losses against the official code's own numbers (seeded weights, CPU)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from crossvis_reference import CLASSES, MEAN, PAPER, official_state, paper_network
from parity import Npz, assert_parity, img, load_fixture, load_keys, sha16
from torch import Tensor

from baselines.crossvis.checkpoint import UNUSED, convert
from baselines.crossvis.head import Predictions
from baselines.crossvis.network import CrossVisNetwork, Outputs

LEVELS = [(16, 20), (8, 10), (4, 5), (2, 3), (1, 2)]


@dataclass
class Reference:
    npz: Npz
    meta: dict[str, Any]
    network: CrossVisNetwork
    outputs: Outputs
    seen: dict[str, list[Tensor]]
    """Outputs of modules, one a level."""

    def check(self, name: str, array: Tensor) -> None:
        assert_parity(name, array, self.npz, self.meta)


@pytest.fixture(scope="module")
def reference() -> Reference:
    torch.set_num_threads(1)
    npz, meta = load_fixture("crossvis_r50", "crossvis")
    image = 255 * img(0, 3, 128, 160)
    assert sha16(image) == meta["inputs"]["image_sha"]
    network = paper_network().eval()
    seen: dict[str, list[Tensor]] = {}
    for name in ("cls_tower", "bbox_tower", "reid_tower"):
        tower = network.head.get_submodule(name)
        tower.register_forward_hook(lambda module, inputs, output, name=name: seen.setdefault(name, []).append(output))
    images = torch.from_numpy(image - np.float32(MEAN)[:, None, None])[None]
    with torch.no_grad():
        seen["fpn"] = network.backbone(images)
        outputs = network(images)
    return Reference(npz, meta, network, outputs, seen)


def maps(predictions: Predictions, name: str) -> list[Tensor]:
    """One field of the first image, as maps (1, C, h, w) of the levels."""
    field = getattr(predictions, name)[:1]
    field = field if field.ndim == 3 else field[..., None]
    parts = field.transpose(1, 2).split([h * w for h, w in LEVELS], dim=2)
    return [part.unflatten(2, size) for part, size in zip(parts, LEVELS, strict=True)]


@pytest.mark.parametrize("level", range(5))
def test_pyramid_and_predictions(reference: Reference, level: int) -> None:
    official = {
        "logits": "cls_logits",
        "distances": "bbox_reg",
        "centerness": "ctrness",
        "parameters": "controller",
        "embeddings": "reid",
    }
    reference.check(f"fpn_p{level + 3}", reference.seen["fpn"][level])
    for ours, name in official.items():
        reference.check(f"{name}_p{level + 3}", maps(reference.outputs.predictions, ours)[level])


@pytest.mark.parametrize("tower", ["cls_tower", "bbox_tower", "reid_tower"])
def test_towers(reference: Reference, tower: str) -> None:
    reference.check(f"{tower}_p3", reference.seen[tower][0])
    reference.check(f"{tower}_p5", reference.seen[tower][2])


def test_mask_features(reference: Reference) -> None:
    reference.check("mask_feats", reference.outputs.features)


def test_every_official_tensor_is_used_or_named() -> None:
    keys = load_keys("crossvis_r50", "crossvis")
    state = {key: torch.zeros(shape) for key, (shape, _) in keys.items()}
    ours, unused = convert(state)
    assert set(unused) == set(UNUSED)
    assert len(ours) + len(unused) == len(state)
    network = CrossVisNetwork(PAPER, CLASSES)
    assert set(ours) == set(network.state_dict())
    assert set(official_state()) == set(state) - {"mask_head.sizes_of_interest"}
