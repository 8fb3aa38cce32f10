"""RAFT against numbers of the official code (tests/reference/raft), array by array."""

from typing import Any

import numpy as np
import pytest
import torch
from parity import assert_parity, img, load_fixture, load_keys, seeded_state, sha16
from torch import Tensor

from instmove.flow.correlation import CorrelationPyramid
from instmove.flow.raft import Raft, RaftSettings, Variant

VARIANTS: tuple[Variant, ...] = ("large", "small")


def official_raft(variant: Variant) -> Raft:
    _, meta = load_fixture(f"raft_{variant}", "raft")
    raft = Raft(RaftSettings(variant)).eval()
    raft.load_state_dict(seeded_state(load_keys(f"raft_{variant}", "raft"), meta))
    return raft


def official_images() -> tuple[Tensor, Tensor]:
    first = 255 * img(0, 3, 128, 192).astype(np.float64)
    second = 0.95 * np.roll(first, (3, -5), axis=(1, 2)) + 0.05 * 255 * img(1000, 3, 128, 192).astype(np.float64)
    return torch.from_numpy(first.astype(np.float32))[None], torch.from_numpy(second.astype(np.float32))[None]


def trace(raft: Raft, image1: Tensor, image2: Tensor) -> dict[str, Tensor]:
    """Every array that the fixture stores, under its name."""
    features = raft.fnet(2 * torch.cat([image1, image2]) / 255 - 1)
    states: list[tuple[Tensor, Tensor]] = []
    lookups: list[Tensor] = []

    def record(_: Any, inputs: tuple[Tensor, ...], outputs: tuple[Tensor, Tensor]) -> None:
        lookups.append(inputs[2])
        states.append(outputs)

    raft.update_block.register_forward_hook(record)
    refined = list(raft.refine(image1, image2, 12))
    pyramid = CorrelationPyramid(features[:1], features[1:], raft.settings.levels, raft.settings.radius)
    found = {
        "fnet1": features[:1],
        "fnet2": features[1:],
        "cnet": raft.cnet(2 * image1 / 255 - 1),
        "corr_l0_queries_step7": pyramid.levels[0][::7],
        "corr_l3": pyramid.levels[3],
        "corr_lookup_iter1": lookups[0],
        "corr_lookup_iter2": lookups[1],
        "gru_net_iter1": states[0][0],
        "delta_flow_iter1": states[0][1],
        "delta_flow_all": torch.cat([change for _, change in states]),
        "flow_low": refined[-1][0],
        "flow_up": raft.estimate(image1, image2, 12),
    }
    logits = raft.update_block.upsampling_logits(states[0][0])
    return found if logits is None else found | {"up_mask_iter1": logits}


@pytest.mark.parametrize("variant", VARIANTS)
def test_state_dict_has_the_official_keys_and_shapes(variant: Variant) -> None:
    keys = {name: shape for name, (shape, _) in load_keys(f"raft_{variant}", "raft").items()}
    state = Raft(RaftSettings(variant)).state_dict()
    assert {name: list(value.shape) for name, value in state.items()} == keys
    assert list(state) == list(keys)


def test_number_of_parameters() -> None:
    assert sum(p.numel() for p in Raft(RaftSettings("large")).parameters()) == 5_257_536


@pytest.mark.parametrize("variant", VARIANTS)
@torch.inference_mode()
def test_equals_the_official_code(variant: Variant) -> None:
    npz, meta = load_fixture(f"raft_{variant}", "raft")
    image1, image2 = official_images()
    assert [sha16(image1), sha16(image2)] == [meta["inputs"]["image1_sha"], meta["inputs"]["image2_sha"]]
    found = trace(official_raft(variant), image1, image2)
    assert set(found) == set(npz)
    for name, array in found.items():
        assert_parity(name, array, npz, meta)


@pytest.mark.parametrize("variant", VARIANTS)
@torch.inference_mode()
def test_estimate_is_the_last_of_the_sequence(variant: Variant) -> None:
    raft = Raft(RaftSettings(variant, width=0.125, levels=3)).eval()
    image1, image2 = 255 * torch.rand(2, 2, 3, 64, 72)
    assert torch.equal(raft(image1, image2, 3)[-1], raft.estimate(image1, image2, 3))


def test_sizes_without_a_pyramid_are_refused() -> None:
    raft = Raft(RaftSettings(width=0.125))
    for height, width in ((120, 128), (128, 132)):
        with pytest.raises(ValueError, match="multiples of 8 and at least 128"):
            raft.estimate(torch.zeros(1, 3, height, width), torch.zeros(1, 3, height, width), 1)


def test_lookup_samples_the_second_map_around_the_coordinates() -> None:
    """Brute force over every window position of an integer lookup."""
    generator = torch.Generator().manual_seed(0)
    features1, features2 = torch.randn(2, 1, 5, 4, 6, generator=generator)
    pyramid = CorrelationPyramid(features1, features2, levels=1, radius=1)
    coordinates = torch.stack([torch.full((4, 6), 2.0), torch.full((4, 6), 3.0)])[None]
    window = pyramid.lookup(coordinates)[0]
    products = torch.einsum("cij,ckl->ijkl", features1[0], features2[0]) / 5**0.5
    for i, dx in enumerate((-1, 0, 1)):
        for j, dy in enumerate((-1, 0, 1)):
            inside = 3 + dy < 4
            expected = products[:, :, 3 + dy, 2 + dx] if inside else torch.zeros(4, 6)
            torch.testing.assert_close(window[3 * i + j], expected)
