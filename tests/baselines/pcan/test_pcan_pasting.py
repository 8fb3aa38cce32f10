import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from baselines.pcan.pasting import frame_masks, frame_rles, rescaled
from instmove.masks import decode

HEIGHT, WIDTH = 20, 30


def made(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Logits of three masks and boxes in, across and outside of the frame."""
    rng = np.random.default_rng(seed)
    corners = rng.uniform(-15, 30, (3, 2))
    boxes = np.concatenate((corners, corners + rng.uniform(0.5, 25, (3, 2))), axis=1)
    return rng.normal(0.5, 3, (3, 28, 28)).astype(np.float32), boxes.astype(np.float32)


def sampled(logits: np.ndarray, box: np.ndarray) -> np.ndarray:
    """Probabilities at the centres of all pixels, by torch's own sampling."""
    x, y = (
        (torch.arange(size, dtype=torch.float64) + 0.5 - float(first)) / float(last - first) * 2 - 1
        for size, first, last in ((WIDTH, box[0], box[2]), (HEIGHT, box[1], box[3]))
    )
    grid = torch.stack(torch.broadcast_tensors(x[None], y[:, None]), dim=-1)
    maps = torch.from_numpy(logits).sigmoid().double()[None, None]
    return F.grid_sample(maps, grid[None], align_corners=False)[0, 0].numpy()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_equals_sampling_at_every_pixel(seed: int) -> None:
    logits, boxes = made(seed)
    masks = frame_masks(logits, boxes, HEIGHT, WIDTH)
    for row, mask in enumerate(masks):
        probability = sampled(logits[row], boxes[row])
        certain = np.abs(probability - 0.5) > 1e-5
        np.testing.assert_array_equal(mask[certain], (probability >= 0.5)[certain])


def test_rles_hold_the_same_masks() -> None:
    logits, boxes = made(3)
    masks = frame_masks(logits, boxes, HEIGHT, WIDTH)
    assert masks.any()
    np.testing.assert_array_equal([decode(rle) for rle in frame_rles(logits, boxes, HEIGHT, WIDTH)], masks)


@pytest.mark.parametrize("box", [[3.5, 2, 3.5, 9], [3, 4, 3, 4], [31, 2, 40, 9], [-9, -9, -1, -1]])
def test_a_box_without_pixels_has_an_empty_mask(box: list[float]) -> None:
    masks = frame_masks(np.full((1, 28, 28), 9, np.float32), np.array([box], np.float32), HEIGHT, WIDTH)
    assert not masks.any()


def test_no_boxes_have_no_masks() -> None:
    nothing = np.zeros((0, 28, 28), np.float32), np.zeros((0, 4), np.float32)
    assert frame_masks(*nothing, 4, 5).shape == (0, 4, 5)
    assert frame_rles(*nothing, 4, 5) == ()


def test_boxes_in_a_frame_of_another_size() -> None:
    boxes = np.array([[0, 10, 60, 20]], np.float32)
    assert rescaled(boxes, (20, 60), (10, 90)).tolist() == [[0, 5, 90, 10]]
