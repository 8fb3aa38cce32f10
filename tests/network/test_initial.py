"""Where training starts from: the last mask, whatever came before it."""

import pytest
import torch
from torch import Tensor

from instmove.network.build import Variant, build_network
from instmove.network.initial import start_as_copy

SIDE = 64


def moving_ellipse(frames: int) -> Tensor:
    y, x = torch.meshgrid(torch.arange(SIDE), torch.arange(SIDE), indexing="ij")
    return torch.stack(
        [(((y - 20 - 3 * t) / 10) ** 2 + ((x - 20 - 4 * t) / 8) ** 2 < 1).float() for t in range(frames)]
    )


@pytest.mark.parametrize("variant", ["released", "paper"])
@pytest.mark.parametrize("width", [0.125, 0.25])
@pytest.mark.parametrize("frames", [2, 4])
def test_a_fresh_network_predicts_the_last_mask(variant: Variant, width: float, frames: int) -> None:
    torch.manual_seed(3)
    network = build_network(variant, "full", width)
    past = moving_ellipse(frames)[None]
    start_as_copy(network)
    with torch.inference_mode():
        logits = network(past, network.encode_image(torch.randn(1, 3, SIDE, SIDE)))
    there = past[:, -1] > 0.5
    assert torch.equal(logits > 0, there)
    assert logits[~there].mean() == pytest.approx(-3, abs=0.1)
    assert 1.5 < logits[there].mean() < 3, "tanh takes some of it"


def test_everything_can_be_learned() -> None:
    """No parameter is cut off for good: after a few steps all but the unused encoder have moved."""
    torch.manual_seed(0)
    network = build_network("released", "full", 0.25)
    start_as_copy(network)
    before = {name: value.clone() for name, value in network.named_parameters()}
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    masks, image = moving_ellipse(5), torch.randn(1, 3, SIDE, SIDE)
    for _ in range(4):
        optimizer.zero_grad()
        logits = network(masks[None, :4], network.encode_image(image), masks[None, 4])
        (logits - masks[None, 4]).square().mean().backward()
        optimizer.step()
    still = {name for name, value in network.named_parameters() if torch.equal(value, before[name])}
    assert {name for name in still if "motion_matching_encoder" not in name} == set()
