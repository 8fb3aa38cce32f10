"""The released network against the official code's own numbers (seeded weights, CPU)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from parity import Npz, assert_parity, ellipse, img, load_fixture, load_keys, seeded_state, sha16
from torch import Tensor

from instmove.network.build import build_network
from instmove.network.canvas import Canvas
from instmove.network.checkpoint import UNUSED_RESNET_STAGES
from instmove.network.convlstm import run_layers
from instmove.network.memory import address

MEAN = np.array([123.675, 116.28, 103.53])[:, None, None]
STD = np.array([58.395, 57.12, 57.375])[:, None, None]


@dataclass
class Reference:
    npz: Npz
    meta: dict[str, Any]
    network: Any
    masks: Tensor  # (3, 6, 96, 128)
    image: Tensor  # (1, 3, 96, 128)

    def check(self, name: str, array: Tensor) -> None:
        assert_parity(name, array, self.npz, self.meta)


def official_masks(count: int = 3, height: int = 96, width: int = 128, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed + 50)
    centre = rng.uniform(0.3, 0.7, (count, 2)) * (height, width)
    velocity = rng.uniform(-5, 5, (count, 2))
    radius = rng.uniform(10, 22, (count, 2))
    return np.stack(
        [
            [ellipse(height, width, *(c + v * t), q[0] + t, q[1]) for t in range(6)]
            for c, v, q in zip(centre, velocity, radius, strict=True)
        ]
    )


@pytest.fixture(scope="module")
def reference() -> Reference:
    torch.set_num_threads(1)
    npz, meta = load_fixture("instmove", "instmove")
    masks = official_masks().astype(np.float32)
    image = ((255 * img(0, 3, 96, 128).astype(np.float64) - MEAN) / STD).astype(np.float32)
    assert sha16(masks) == meta["inputs"]["masks_sha"]
    assert sha16(image) == meta["inputs"]["image_sha"]
    network = build_network("released", "full", 1.0)
    state = seeded_state(load_keys("instmove", "instmove"), meta)
    used = {key: value for key, value in state.items() if not UNUSED_RESNET_STAGES.match(key)}
    network.load_state_dict(used, strict=True)
    return Reference(npz, meta, network.eval(), torch.from_numpy(masks), torch.from_numpy(image)[None])


def as_released(logits: Tensor) -> Tensor:
    """(B, S, S) to the release's (B, out_len, 1, S, S)."""
    return logits[:, None, None]


@pytest.mark.parametrize("frames", [2, 3, 4])
@torch.no_grad()
def test_output(reference: Reference, frames: int) -> None:
    network = reference.network
    logits = network(reference.masks[:, :frames], network.encode_image(reference.image))
    reference.check(f"T{frames}_out", as_released(logits))


@torch.no_grad()
def test_step_one(reference: Reference) -> None:
    """E_m saw three frames here, q_phi all six: two more than the target."""
    network, masks = reference.network, reference.masks
    queries: list[Tensor] = []
    hook = network.memory.motion_context_encoder.register_forward_hook(lambda *call: queries.append(call[-1]))
    pattern = network.memory(masks[:, :5], masks[:, 5])
    hook.remove()
    states = run_layers(network.convlstm_list, network.encode_masks(masks[:, :3]))
    reference.check("phase1_memory_addressing", address(as_rows(queries[0]), network.memory.memory_w))
    logits = network.decode(states[-1], pattern, network.encode_image(reference.image))
    reference.check("phase1_out", as_released(logits))


def as_rows(queries: Tensor) -> Tensor:
    """Queries (B, l, h, w) as (B h w, l)."""
    return queries.movedim(1, -1).flatten(0, 2)


@torch.no_grad()
def test_intermediates_and_roll_out(reference: Reference) -> None:
    network, past = reference.network, reference.masks[:, :3]
    stride4, stride8 = features = network.encode_image(reference.image)
    reference.check("T3_img_layer1", stride4)
    reference.check("T3_img_layer2", stride8)

    query = network.memory.motion_matching_encoder(past)
    reference.check("T3_motion_query", query[:, :, None])
    reference.check("T3_memory_addressing", address(as_rows(query), network.memory.memory_w))
    pattern = network.memory(past, None)
    reference.check("T3_memory_feature", pattern)

    encoded = network.encode_masks(past)
    reference.check("T3_frame_encoder_last", encoded[-1])
    states = run_layers(network.convlstm_list, encoded)
    reference.check("T3_convlstm0_h_last", states[0][0])
    reference.check("T3_convlstm3_h_last", states[3][0])
    reference.check("T3_convlstm3_c_last", states[3][1])
    gate = network.attention_func(torch.cat((states[3][1], pattern), dim=1))
    reference.check("T3_channel_attention", gate)

    first = network.decode(states[-1], pattern, features)
    later = run_layers(network.convlstm_list, network.encode_masks(first[:, None]), states)
    second = network.decode(later[-1], pattern, features)
    reference.check("T3_outlen2", torch.stack((first, second), dim=1)[:, :, None])


def test_canvas(reference: Reference) -> None:
    logits = np.stack([img(300 + k, 3, 24, 40, 8) - np.float32(0.5) for k in range(3)])
    masks = Canvas(64).masks(logits.reshape(-1, 24, 40) > 0)
    reference.check("padres_mask", masks.reshape(3, 3, 1, 64, 64))
    reference.check("padres_img", Canvas(64).resize(reference.image[0])[None, None])
    maps = torch.from_numpy(np.concatenate([img(400 + k, 1, 64, 64, 8) for k in range(3)]))
    reference.check("unpad", Canvas(64).restore(maps, 24, 40)[:, None])
