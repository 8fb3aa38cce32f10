"""Warping in closed form, and the way flow finds from images to a grid."""

import numpy as np
import pytest
import torch
from torch import Tensor

from instmove.flow.raft import Raft, RaftSettings
from instmove.flow.warp import flow_between, resize_flow, warp


class ConstantRaft(Raft):
    """Answers with one vector, as pixels of the padded image it was given, and remembers that image's size."""

    def __init__(self, vector: tuple[float, float], settings: RaftSettings | None = None):
        super().__init__(settings or RaftSettings(width=0.03, levels=1))
        self.vector, self.seen = torch.tensor(vector), torch.empty(0)

    def estimate(self, image1: Tensor, image2: Tensor, iterations: int) -> Tensor:
        self.seen = torch.cat([image1, image2])
        return self.vector.view(1, 2, 1, 1).expand(1, 2, *image1.shape[-2:])


def block(top: int, left: int) -> Tensor:
    mask = torch.zeros(1, 1, 20, 30)
    mask[..., top : top + 6, left : left + 8] = 1
    return mask


def constant(x: float, y: float) -> Tensor:
    return torch.tensor([float(x), float(y)]).view(1, 2, 1, 1).expand(1, 2, 20, 30)


def test_constant_flow_moves_a_block_exactly_against_itself() -> None:
    """Flow t -> t-1 of (-3, -2): what was at p - (3, 2) is now at p, so the block moves right and down."""
    assert torch.allclose(warp(block(5, 7), constant(-3, -2)), block(7, 10), atol=1e-5)


def test_outside_of_the_frame_is_background() -> None:
    assert warp(torch.ones(1, 1, 20, 30), constant(-4, 0))[0, 0, 10, :3].tolist() == [0, 0, 0]


def test_half_pixels_are_halves() -> None:
    warped = warp(block(5, 7), constant(-0.5, 0))[0, 0, 8]
    torch.testing.assert_close(warped[6:9], torch.tensor([0.0, 0.5, 1.0]), atol=1e-5, rtol=0)


def test_all_channels_share_the_flow() -> None:
    both = torch.cat([block(5, 7), block(2, 3)], dim=1)
    assert torch.allclose(warp(both, constant(-1, 1)), torch.cat([block(4, 8), block(1, 4)], dim=1), atol=1e-5)


def test_resized_flow_moves_the_resized_block_the_same_way() -> None:
    resized = resize_flow(constant(-3, -2), 40, 90)
    torch.testing.assert_close(resized, torch.tensor([-9.0, -4.0]).view(1, 2, 1, 1).expand(1, 2, 40, 90))


@pytest.mark.parametrize(("height", "width", "longest", "seen"), [(50, 90, 90, (56, 96)), (120, 60, 40, (40, 24))])
def test_working_size_and_padding(height: int, width: int, longest: int, seen: tuple[int, int]) -> None:
    raft = ConstantRaft((2.0, -1.0))
    image = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    flow = flow_between(raft, image, image, longest, 1)
    scale = longest / max(height, width)
    assert flow.shape == (1, 2, round(height * scale), round(width * scale))
    assert raft.seen.shape == (2, 3, *seen)


def test_padding_repeats_the_border() -> None:
    raft = ConstantRaft((0.0, 0.0), RaftSettings(width=0.03, levels=3))
    image = np.random.default_rng(0).integers(0, 256, (40, 70, 3), dtype=np.uint8)
    flow_between(raft, image, image, 70, 1)
    assert raft.seen.shape[-2:] == (64, 72)
    expected = np.pad(image, ((12, 12), (1, 1), (0, 0)), mode="edge")
    assert np.array_equal(raft.seen[0].permute(1, 2, 0).numpy(), expected)
