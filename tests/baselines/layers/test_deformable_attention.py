"""Deformable attention against a loop over single samples, and the transformers library's module."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from transformers import DeformableDetrConfig
from transformers.models.deformable_detr.modeling_deformable_detr import DeformableDetrMultiscaleDeformableAttention

from baselines.layers.deformable_attention import DeformableAttention, cell_centres, sampled_attention

SIDES = st.tuples(st.integers(1, 4), st.integers(1, 4))


def sample(image: Tensor, x: float, y: float) -> Tensor:
    """Bilinear from (height, width, C) with zeros around it; the first cell reaches from 0 to 1 / width."""
    height, width = image.shape[:2]
    column, row = x * width - 0.5, y * height - 0.5
    total = torch.zeros(image.shape[2], dtype=image.dtype)
    for i in (math.floor(row), math.floor(row) + 1):
        for j in (math.floor(column), math.floor(column) + 1):
            if 0 <= i < height and 0 <= j < width:
                total += (1 - abs(row - i)) * (1 - abs(column - j)) * image[i, j]
    return total


def brute_force(values: Tensor, shapes: list[tuple[int, int]], places: Tensor, weights: Tensor) -> Tensor:
    batch, queries, heads, levels = weights.shape[:4]
    found = torch.zeros(batch, queries, heads, values.shape[3], dtype=values.dtype)
    starts = [sum(h * w for h, w in shapes[:level]) for level in range(levels)]
    for b, q, h, level, p in torch.cartesian_prod(*(torch.arange(n) for n in weights.shape)).tolist():
        height, width = shapes[level]
        image = values[b, starts[level] : starts[level] + height * width, h].view(height, width, -1)
        found[b, q, h] += weights[b, q, h, level, p] * sample(image, *places[b, q, h, level, p].tolist())
    return found.flatten(2)


@settings(max_examples=15, deadline=None)
@given(st.lists(SIDES, min_size=1, max_size=2), st.integers(1, 2), st.integers(1, 2), st.integers(0, 2**16))
def test_samples_are_bilinear_and_zero_outside(
    shapes: list[tuple[int, int]], heads: int, points: int, seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    size = sum(height * width for height, width in shapes)
    values = torch.randn(2, size, heads, 3, generator=generator, dtype=torch.float64)
    places = torch.rand(2, 2, heads, len(shapes), points, 2, generator=generator, dtype=torch.float64) * 1.6 - 0.3
    weights = torch.rand(2, 2, heads, len(shapes), points, generator=generator, dtype=torch.float64)
    expected = brute_force(values, shapes, places, weights)
    torch.testing.assert_close(sampled_attention(values, shapes, places, weights), expected)


@pytest.fixture
def both() -> tuple[DeformableAttention, DeformableDetrMultiscaleDeformableAttention]:
    """Ours and the library's, with its weights."""
    torch.manual_seed(0)
    config = DeformableDetrConfig(d_model=32, num_feature_levels=2, use_timm_backbone=False)
    library = DeformableDetrMultiscaleDeformableAttention(config, num_heads=4, n_points=3)
    ours = DeformableAttention(32, levels=2, heads=4, points=3)
    for parameter in library.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    ours.load_state_dict(library.state_dict(), strict=True)
    return ours, library


@torch.no_grad()
def test_module_equals_the_librarys(
    both: tuple[DeformableAttention, DeformableDetrMultiscaleDeformableAttention],
) -> None:
    ours, library = both
    shapes = [(3, 5), (2, 4)]
    tokens, positions = torch.randn(2, 23, 32), torch.randn(2, 23, 32)
    places = cell_centres(shapes)
    expected, _ = library(
        hidden_states=tokens,
        encoder_hidden_states=tokens,
        position_embeddings=positions,
        reference_points=places[None, :, None].expand(2, -1, 2, -1),
        spatial_shapes=torch.tensor(shapes),
        spatial_shapes_list=shapes,
        level_start_index=torch.tensor([0, 15]),
    )
    torch.testing.assert_close(ours(tokens + positions, places, tokens, shapes), expected, rtol=1e-4, atol=1e-5)


def test_at_first_heads_look_in_different_directions() -> None:
    """Four heads: right, down, left and up, the second point two cells away."""
    attention = DeformableAttention(8, levels=1, heads=4, points=2)
    offsets = attention.sampling_offsets(torch.randn(8)).view(4, 2, 2)
    expected = torch.tensor([[1.0, 0], [0, 1], [-1, 0], [0, -1]])
    torch.testing.assert_close(offsets[:, 0], expected, atol=1e-6, rtol=0)
    torch.testing.assert_close(offsets[:, 1], 2 * expected, atol=1e-6, rtol=0)
