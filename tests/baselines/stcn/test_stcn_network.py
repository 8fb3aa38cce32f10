"""STCN's network against the official one on seeded weights."""

import numpy as np
import pytest
import torch
from parity import assert_parity, ellipse, img, load_fixture, load_keys, seeded_state
from torch import Tensor

from baselines.stcn.aggregation import aggregate
from baselines.stcn.memory import MemoryBank, affinity, similarity
from baselines.stcn.network import Stcn, StcnSettings
from instmove.network.canvas import MEAN, STD

SMALL = StcnSettings(base=4, key=8, value=32, decoder=16)


def frames(count: int = 4) -> Tensor:
    mean, std = (np.array(v, dtype=np.float64)[:, None, None] / 255 for v in (MEAN, STD))
    first = img(0, 3, 128, 160).astype(np.float64)
    shown = [
        (0.9 * np.roll(first, (2 * t, 3 * t), (1, 2)) + 0.1 * img(100 + t, 3, 128, 160) - mean) / std
        for t in range(count)
    ]
    return torch.from_numpy(np.stack(shown).astype(np.float32))


def masks() -> Tensor:
    first = ellipse(128, 160, 50, 48, 28, 24)
    second = ellipse(128, 160, 76, 112, 22, 30) & ~first
    return torch.from_numpy(np.stack((first, second)).astype(np.float32))[:, None]


@pytest.fixture(scope="module")
def official():
    npz, meta = load_fixture("stcn", "stcn")
    network = Stcn(StcnSettings())
    network.load_state_dict(seeded_state(load_keys("stcn", "stcn"), meta))
    return network.eval(), npz, meta


def test_keys_are_the_official_ones():
    expected = {key: shape for key, (shape, _) in load_keys("stcn", "stcn").items()}
    assert {key: list(value.shape) for key, value in Stcn(StcnSettings()).state_dict().items()} == expected


@torch.inference_mode()
def test_every_stage_equals_the_official_network(official):
    network, npz, meta = official
    images, objects = frames(2), masks()
    first = network.encode_key(images[:1])
    for name, value in (
        ("k16", first.key),
        ("f16_thin", first.thin),
        ("f16", first.f16),
        ("f8", first.f8),
        ("f4", first.f4),
    ):
        assert_parity(f"f0_{name}", value, npz, meta)
    whole = aggregate(objects).softmax(0)
    assert_parity("f0_aggregate", whole, npz, meta)
    values = network.encode_value(images[:1], first, whole[1:])
    assert_parity("f0_value", values[:, :, None], npz, meta)
    assert_parity("f0_value_1obj", network.encode_value(images[:1], first, objects[:1])[:, :, None], npz, meta)

    query = network.encode_key(images[1:])
    assert_parity("f1_k16", query.key, npz, meta)
    scores = similarity(first.key[0].flatten(1), query.key[0].flatten(1))
    assert_parity("f1_affinity_logits", scores[None], npz, meta)
    assert_parity("f1_affinity_top20", affinity(scores, 20)[None], npz, meta)
    bank = MemoryBank()
    bank.add(first.key[0], values)
    read = bank.read(query.key[0])
    assert_parity("f1_readout", read, npz, meta)
    assert_parity("f1_sigmoid", network.segment(read, query).sigmoid(), npz, meta)


def test_aggregation_of_two_objects():
    found = aggregate(torch.tensor([0.8, 0.3])).softmax(0)
    assert found.tolist() == pytest.approx([0.0355, 0.8712, 0.0933], abs=1e-4)


def test_affinity_over_fewer_positions_than_k_is_a_softmax():
    scores = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    assert torch.equal(affinity(scores, 20), scores.softmax(0))
    assert affinity(scores, 2).gt(0).sum(0).tolist() == [2, 2, 2]


@pytest.mark.parametrize("place", ["stride16", "stride8", "stride4"])
@torch.inference_mode()
def test_motion_changes_nothing_before_training_and_something_after(place):
    torch.manual_seed(0)
    plain = Stcn(SMALL).eval()
    moved = Stcn(StcnSettings(4, 8, 32, 16, motion=place)).eval()
    assert set(moved.load_state_dict(plain.state_dict(), strict=False).missing_keys) == {
        "decoder.motion.conv.weight",
        "decoder.motion.conv.bias",
    }
    images, objects = torch.randn(1, 3, 64, 64), torch.rand(2, 1, 64, 64)
    frame = plain.encode_key(images)
    read = plain.encode_value(images, frame, objects)
    assert torch.equal(moved.segment(read, frame, objects), plain.segment(read, frame))
    moved.decoder.motion.conv.weight[:, -1] = 1.0
    assert not torch.allclose(moved.segment(read, frame, objects), plain.segment(read, frame))
    with pytest.raises(ValueError, match="motion mask"):
        moved.segment(read, frame)
