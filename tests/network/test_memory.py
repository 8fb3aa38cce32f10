import numpy as np
import torch

from instmove.network.build import build_network
from instmove.network.memory import SLOTS, address, recall


def test_equations_1_and_2() -> None:
    """Written out slot by slot in float64."""
    rng = np.random.default_rng(0)
    query, slots = rng.standard_normal((5, 8)), rng.standard_normal((3, 8))
    weights = np.empty((5, 3))
    for q in range(5):
        for i in range(3):
            weights[q, i] = np.exp(query[q] @ slots[i] / (np.linalg.norm(query[q]) * np.linalg.norm(slots[i])))
    weights /= weights.sum(axis=1, keepdims=True)
    found = address(torch.from_numpy(query), torch.from_numpy(slots))
    np.testing.assert_allclose(found, weights, rtol=1e-12)
    np.testing.assert_allclose(recall(torch.from_numpy(query), torch.from_numpy(slots)), weights @ slots, rtol=1e-12)


def test_a_query_of_zeros_recalls_the_mean() -> None:
    slots = torch.randn(SLOTS, 16)
    torch.testing.assert_close(recall(torch.zeros(1, 16), slots)[0], slots.mean(0))


def test_who_learns_in_which_step() -> None:
    """Step 1: q_phi and the memory; step 2: p_theta; the mask encoder and the decoder in both (Sec. 3.3)."""
    for variant in ("released", "paper"):
        network = build_network(variant, "none", 0.125)
        past, target = torch.rand(2, 3, 32, 32), torch.rand(2, 32, 32)
        for shown, learning, resting in (
            (target, ("motion_context_encoder", "memory_w"), ("motion_matching_encoder",)),
            (None, ("motion_matching_encoder",), ("motion_context_encoder", "memory_w")),
        ):
            network.zero_grad(set_to_none=True)
            network(past, None, shown).sum().backward()
            gradients = {name: value.grad for name, value in network.named_parameters()}
            for part in (*learning, "encoder.0", "convlstm_list.0", "decoder.layer_f", "memory.embedder"):
                assert any(g is not None and g.any() for name, g in gradients.items() if part in name), (part, shown)
            for part in resting:
                assert all(g is None for name, g in gradients.items() if part in name), (part, shown)
