"""Frames on their way into a network."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from baselines.layers.images import normalised, padded_batch, resized, scaled_size


@pytest.mark.parametrize(
    ("frame", "sides", "expected"),
    [
        ((720, 1280), (360, 1333), (360, 640)),
        ((1080, 1920), (720, 1333), (720, 1280)),
        ((480, 854), (360, 1333), (360, 641)),  # 640.5 is rounded up
        ((400, 1920), (360, 1333), (278, 1333)),  # the long side decides
        ((1920, 400), (360, 1333), (1333, 278)),
        ((96, 160), (96, 160), (96, 160)),
    ],
)
def test_size(frame: tuple[int, int], sides: tuple[int, int], expected: tuple[int, int]) -> None:
    assert scaled_size(*frame, *sides) == expected


@settings(max_examples=50)
@given(st.integers(20, 3000), st.integers(20, 3000), st.integers(20, 800), st.integers(20, 1333))
def test_sides_and_shape(height: int, width: int, shortest: int, longest: int) -> None:
    """One of the two bounds is met, and the shape is kept to a pixel."""
    found = scaled_size(height, width, shortest, longest)
    assert min(found) <= shortest
    assert max(found) <= longest
    assert min(found) == shortest or max(found) == longest
    scale = max(found) / max(height, width)
    assert min(found) == pytest.approx(scale * min(height, width), abs=1)


def test_resize_averages() -> None:
    stripes = np.zeros((40, 40, 3), dtype=np.uint8)
    stripes[:, ::2] = 200
    assert np.abs(resized(stripes, 10, 10)[:, 1:-1].astype(int) - 100).max() <= 1
    assert resized(stripes, 40, 40) is stripes


def test_batch_is_padded_right_and_below() -> None:
    images = list(np.full((2, 30, 50, 3), 7, dtype=np.uint8))
    batch = padded_batch(images, 30, 50, "cpu")
    assert batch.shape == (2, 3, 32, 64)
    assert (batch[..., :30, :50] == 7).all()
    assert batch.sum() == 7 * 2 * 3 * 30 * 50


def test_padding_is_zero_after_normalising() -> None:
    images = (
        torch.tensor([123.675, 116.28, 103.53])[:, None, None].expand(3, 8, 8)
        + torch.tensor([58.395, 0, 57.375])[:, None, None]
    )
    found = normalised(torch.stack([images, images]), torch.tensor([[8, 8], [5, 6]]))
    torch.testing.assert_close(found[0, :, 0, 0], torch.tensor([1.0, 0.0, 1.0]))
    assert (found[1, 0, :5, :6] == found[0, 0, :5, :6]).all()
    assert not found[1, :, 5:].any()
    assert not found[1, :, :, 6:].any()
