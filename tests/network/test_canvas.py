import cv2
import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from instmove.network.canvas import MEAN, STD, Canvas, centre

sizes = st.integers(1, 40)


def padded(array: np.ndarray) -> np.ndarray:
    """Brute force: (h, w, ...) in the middle of a square of zeros."""
    height, width = array.shape[:2]
    side = max(height, width)
    top, left = int((side - height) / 2), int((side - width) / 2)
    square = np.zeros((side, side, *array.shape[2:]), dtype=array.dtype)
    square[top : top + height, left : left + width] = array
    return square


@given(height=sizes, width=sizes, side=st.sampled_from([16, 48, 64]), seed=st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_masks_are_centred_and_nearest(height: int, width: int, side: int, seed: int) -> None:
    masks = np.random.default_rng(seed).random((2, height, width)) > 0.5
    square = np.stack([padded(mask) for mask in masks])
    index = np.arange(side) * square.shape[1] // side
    found = Canvas(side).masks(masks)
    assert found.dtype == torch.float32
    np.testing.assert_array_equal(found, square[:, index][:, :, index])


@given(height=sizes, width=sizes, scale=st.integers(1, 3), seed=st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_restore_undoes_the_canvas(height: int, width: int, scale: int, seed: int) -> None:
    """Exactly at the canvas' own resolution; above it, what is constant over each pixel's block."""
    masks = np.random.default_rng(seed).random((2, height, width)) > 0.5
    canvas = Canvas(scale * max(height, width))
    restored = canvas.restore(canvas.masks(masks), height, width)
    if scale == 2:  # bilinear samples at a half lie in the middle of a block of two
        np.testing.assert_allclose(restored, masks, atol=1e-5)
    np.testing.assert_array_equal(restored > 0.5, masks)


@given(height=sizes, width=sizes, seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_image_is_normalised_then_centred_and_bilinear(height: int, width: int, seed: int) -> None:
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    normalised = ((image - np.array(MEAN)) / np.array(STD)).astype(np.float32)
    expected = cv2.resize(padded(normalised), (32, 32), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(Canvas(32).image(image).movedim(0, -1), expected, atol=2e-4)


def test_masks_and_image_fall_on_the_same_place() -> None:
    """A frame whose bright half is the object, its mask on a grid of a quarter of the size."""
    image = np.full((96, 160, 3), 0, dtype=np.uint8)
    image[:, 80:] = 255
    mask = np.zeros((1, 24, 40), dtype=bool)
    mask[:, :, 20:] = True
    canvas = Canvas(80)
    bright = canvas.image(image)[0] > 0.5
    np.testing.assert_array_equal(bright, canvas.masks(mask)[0] > 0.5)


def test_a_square_stays() -> None:
    maps = torch.rand(2, 7, 7)
    assert torch.equal(centre(maps), maps)


def test_images_are_smoothed_before_they_shrink_where_that_is_asked_for() -> None:
    stripes = np.zeros((120, 120, 3), dtype=np.uint8)
    stripes[:, ::2] = 254
    plain, smooth = (Canvas(30, antialias=antialias).image(stripes)[0, 5:-5, 5:-5] for antialias in (False, True))
    grey = Canvas(30).image(np.full((120, 120, 3), 127, dtype=np.uint8))[0, 5:-5, 5:-5]
    torch.testing.assert_close(smooth, grey, atol=0.02, rtol=0)
    small = Canvas(30, antialias=True).image(stripes[:16, :16])
    torch.testing.assert_close(small, Canvas(30).image(stripes[:16, :16]), msg="nothing shrinks")
    assert plain.shape == smooth.shape
