"""STCN's inference against the official one on seeded weights."""

import copy

import numpy as np
import pytest
import torch
from parity import assert_parity, load_fixture, load_keys, seeded_state
from test_stcn_network import SMALL, frames, masks

from baselines.stcn.memory import MemoryBank
from baselines.stcn.network import Stcn, StcnSettings
from baselines.stcn.propagate import Memory, Propagation, propagate


@pytest.fixture(scope="module")
def official():
    npz, meta = load_fixture("stcn", "stcn")
    network = Stcn(StcnSettings())
    network.load_state_dict(seeded_state(load_keys("stcn", "stcn"), meta))
    return network.eval(), npz, meta


@pytest.mark.parametrize(("name", "memory_every"), [("default", 5), ("memevery1", 1)])
@torch.inference_mode()
def test_probabilities_equal_the_official_ones(official, name, memory_every):
    network, npz, meta = official
    introduced = {0: dict(enumerate(masks()[:, 0], start=1))}
    found = [p for _, p in propagate(network, frames(), introduced, memory=Memory(memory_every))]
    probabilities = torch.stack(found, dim=1)
    assert_parity(f"prob_{name}", probabilities, npz, meta)
    labels = probabilities.argmax(0).numpy().ravel()[:: meta["arrays"][f"argmax_{name}"]["step"]]
    assert (labels != npz[f"argmax_{name}"].ravel()).sum() <= 3


@torch.inference_mode()
def test_padding_equals_the_official_one(official):
    """In float64: in float32 one of the twenty memory positions read is a near tie."""
    network, npz, meta = official
    cropped = masks()[:, 0, 4:124, 5:155].double()
    introduced = {0: dict(enumerate(cropped, start=1))}
    exact = copy.deepcopy(network).double()
    found = [p for _, p in propagate(exact, frames()[..., 4:124, 5:155].double(), introduced, memory=Memory(1))]
    expected = meta["arrays"]["prob_pad_120x150"]
    full = npz["prob_pad_120x150"].ravel()
    places = np.arange(np.prod(expected["shape"]))[:: expected["step"]]
    k, t, y, x = np.unravel_index(places, expected["shape"])
    inside = (y >= 4) & (y < 124) & (x >= 5) & (x < 155)
    ours = torch.stack(found, dim=1).numpy()[k[inside], t[inside], y[inside] - 4, x[inside] - 5]
    assert np.abs(ours - full[inside]).max() < 10 * expected["max_err_vs_float64"]


@torch.inference_mode()
def test_objects_that_appear_later_take_their_pixels():
    torch.manual_seed(0)
    network = Stcn(SMALL).eval()
    first, second = masks()[:, 0]
    steps = list(propagate(network, frames(), {1: {5: first}, 3: {2: second}}))
    assert [ids for ids, _ in steps] == [[5], [5], [5, 2]]
    assert [len(p) for _, p in steps] == [2, 2, 3]
    assert torch.equal(steps[0][1].argmax(0), first.long())
    assert (steps[2][1].argmax(0)[second > 0] == 2).all()


@pytest.mark.parametrize(
    ("introduced", "every", "kept"),
    [
        ({0}, 2, [0, 2, 4]),
        ({0}, 1, [0, 1, 2, 3, 4, 5]),
        ({0, 3}, 2, [0, 2, 3, 5]),
        ({1, 4}, 1, [1, 2, 3, 4, 5]),
        ({0, 6}, 5, [0, 5, 6]),
    ],
)
@torch.inference_mode()
def test_frames_kept_are_those_due_and_those_with_new_objects(monkeypatch, introduced, every, kept):
    """Of seven, the last only where objects are new in it: inference_core_yv.py:54-98, eval_youtube.py:121-141."""
    network, seen, remember = Stcn(SMALL).eval(), [], Propagation.remember

    def watched(state, time, *arguments):
        seen.append(time)
        remember(state, time, *arguments)

    monkeypatch.setattr(Propagation, "remember", watched)
    given = {time: {number: masks()[0, 0]} for number, time in enumerate(sorted(introduced), start=1)}
    list(propagate(network, frames(7), given, memory=Memory(every)))
    assert seen == kept


@torch.inference_mode()
def test_motion_is_asked_for_the_objects_so_far():
    torch.manual_seed(0)
    network = Stcn(StcnSettings(4, 8, 32, 16, motion="stride4")).eval()
    first, second = masks()[:, 0]
    asked = []

    def motion(time: int, ids: list[int]) -> torch.Tensor:
        asked.append((time, list(ids)))
        return torch.zeros(len(ids), 1, 128, 160)

    for _ in propagate(network, frames(), {0: {1: first}, 2: {2: second}}, motion):
        pass
    assert asked == [(1, [1]), (2, [1]), (3, [1, 2])]


@torch.inference_mode()
def test_a_bounded_memory_keeps_the_first_frame_and_the_latest():
    torch.manual_seed(0)
    network = Stcn(SMALL).eval()
    banks = [MemoryBank(most=3), MemoryBank()]
    shown = [network.encode_key(image[None]) for image in frames(6)]
    values = [network.encode_value(image[None], seen, masks()) for image, seen in zip(frames(6), shown, strict=True)]
    for time in range(6):
        banks[0].add(shown[time].key[0], values[time])
    for time in (0, 4, 5):
        banks[1].add(shown[time].key[0], values[time])
    query = shown[2].key[0]
    assert torch.equal(banks[0].read(query), banks[1].read(query))


@torch.inference_mode()
def test_a_bound_that_is_not_reached_changes_nothing():
    torch.manual_seed(0)
    network = Stcn(SMALL).eval()
    introduced = {0: dict(enumerate(masks()[:, 0], start=1))}
    bounded, free = (
        torch.stack([p for _, p in propagate(network, frames(), introduced, memory=Memory(1, frames=most))])
        for most in (4, None)
    )
    assert torch.equal(bounded, free)
