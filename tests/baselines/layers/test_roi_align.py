import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from baselines.layers.roi_align import level_of, pyramid_roi_align, roi_align


def bilinear(cells: np.ndarray, y: float, x: float) -> float:
    """The value at a place of one map, cells being at whole numbers; 0 more than a cell outside."""
    height, width = cells.shape
    if y < -1 or y > height or x < -1 or x > width:
        return 0.0
    y, x = min(max(y, 0.0), height - 1.0), min(max(x, 0.0), width - 1.0)
    top, left = math.floor(y), math.floor(x)
    bottom, right = min(top + 1, height - 1), min(left + 1, width - 1)
    upper = cells[top, left] * (1 - x + left) + cells[top, right] * (x - left)
    lower = cells[bottom, left] * (1 - x + left) + cells[bottom, right] * (x - left)
    return float(upper * (1 - y + top) + lower * (y - top))


def pooled(cells: np.ndarray, box: list[float], size: int) -> np.ndarray:
    """One map (h, w) in one box by the definition: a loop over bins, and over the samples of each."""
    x0, y0 = box[0] - 0.5, box[1] - 0.5
    width, height = (box[2] - box[0]) / size, (box[3] - box[1]) / size
    columns, rows = math.ceil(width), math.ceil(height)
    result = np.zeros((size, size))
    for i in range(size):
        for j in range(size):
            samples = [
                bilinear(cells, y0 + height * (i + (a + 0.5) / rows), x0 + width * (j + (b + 0.5) / columns))
                for a in range(rows)
                for b in range(columns)
            ]
            result[i, j] = sum(samples) / max(len(samples), 1)
    return result


def made_boxes(count: int, seed: int) -> torch.Tensor:
    """Boxes inside of, across and outside of a map of 6 x 9 cells; the last is empty."""
    rng = np.random.default_rng(seed)
    corners = rng.uniform(-3, 9, (count, 2))
    boxes = np.concatenate((corners, corners + rng.uniform(0, 8, (count, 2))), axis=1)
    boxes[-1:, 2] = boxes[-1:, 0]
    return torch.tensor(boxes)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 6), st.integers(0, 10**6), st.sampled_from([1, 2, 3]))
def test_equals_a_loop(count: int, seed: int, size: int) -> None:
    features = torch.randn(2, 3, 6, 9, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    boxes, images = made_boxes(count, seed), torch.arange(count) % 2
    found = roi_align(features, images, boxes, size)
    assert found.shape == (count, 3, size, size)
    for row, image in enumerate(images.tolist()):
        for channel in range(3):
            expected = pooled(features[image, channel].numpy(), boxes[row].tolist(), size)
            np.testing.assert_allclose(found[row, channel].numpy(), expected, atol=1e-6)


def test_a_linear_map_gives_the_centres_of_the_bins() -> None:
    """Sampling a plane is exact, wherever the box lies inside."""
    y, x = torch.meshgrid(torch.arange(20.0), torch.arange(30.0), indexing="ij")
    plane = torch.stack((x + 0.5, y + 0.5))[None]
    found = roi_align(plane, torch.zeros(1, dtype=torch.int64), torch.tensor([[3.0, 4.0, 24.0, 11.0]]), 7)[0]
    torch.testing.assert_close(found[0, 0], 3 + 3 * (torch.arange(7) + 0.5))
    torch.testing.assert_close(found[1, :, 0], 4 + torch.arange(7) + 0.5)


def test_gradients_reach_the_features() -> None:
    features = torch.randn(1, 1, 4, 5, dtype=torch.float64, requires_grad=True)
    boxes = torch.tensor([[0.3, 0.2, 3.9, 3.1], [-1.0, 1.0, 2.0, 2.5]], dtype=torch.float64)
    images = torch.zeros(2, dtype=torch.int64)
    assert torch.autograd.gradcheck(lambda maps: roi_align(maps, images, boxes, 2), features)


@pytest.mark.parametrize(("side", "level"), [(10, 0), (111, 0), (112, 1), (223, 1), (224, 2), (448, 3), (5000, 3)])
def test_the_level_follows_from_the_size(side: float, level: int) -> None:
    """Twice as wide and half as high is the same size."""
    assert level_of(torch.tensor([[5.0, 7.0, 5 + 2 * side, 7 + side / 2]]), 4).tolist() == [level]


def test_every_box_reads_its_own_level_and_image() -> None:
    """Maps that say which level and image they are, in units and tenths."""
    pyramid = [torch.zeros(2, 1, 128 // 2**k, 128 // 2**k) for k in range(3)]
    for level, features in enumerate(pyramid):
        features[0], features[1] = level, level + 0.1
    boxes = torch.tensor([[0.0, 0, 300, 300], [0, 0, 20, 20], [0, 0, 130, 130], [0, 0, 30, 30]])
    found = pyramid_roi_align(pyramid, 4, torch.tensor([0, 1, 1, 0]), boxes, 2)
    torch.testing.assert_close(found[:, 0, 0, 0], torch.tensor([2.0, 0.1, 1.1, 0.0]))


def test_no_boxes_are_no_features() -> None:
    pyramid = [torch.zeros(1, 5, 8, 8), torch.zeros(1, 5, 4, 4)]
    found = pyramid_roi_align(pyramid, 4, torch.zeros(0, dtype=torch.int64), torch.zeros(0, 4), 7)
    assert found.shape == (0, 5, 7, 7)
