"""From frames to instances."""

import numpy as np
import pytest
import torch
from small_minvis import CLASSES, SETTINGS, small_network

from baselines.minvis.host import predictor
from baselines.minvis.predictor import instances_of
from instmove.masks import box_of_mask, decode


@pytest.mark.parametrize(("height", "width"), [(48, 80), (61, 97), (200, 120), (30, 31)])
def test_every_query_of_every_frame(height: int, width: int) -> None:
    images = list(np.random.default_rng(0).integers(0, 256, (3, height, width, 3), dtype=np.uint8))
    found = predictor(small_network(), SETTINGS, "cpu").predict(images)
    assert len(found) == 3
    for instances in found:
        assert instances.scores.shape == (6, CLASSES + 1)
        assert instances.embeddings.shape == (6, 32)
        assert len(instances.rles) == len(instances.masks) == 6
        for rle, box in zip(instances.rles, instances.boxes, strict=True):
            assert rle["size"] == [height, width]
            assert tuple(box) == (box_of_mask(decode(rle)) or (0, 0, 0, 0))


def test_frames_do_not_see_each_other() -> None:
    images = list(np.random.default_rng(1).integers(0, 256, (4, 48, 80, 3), dtype=np.uint8))
    host = predictor(small_network(), SETTINGS, "cpu")
    together, alone = host.predict(images)[2], host.predict(images[2:3])[0]
    np.testing.assert_allclose(together.scores, alone.scores, atol=1e-4)
    assert np.mean(together.masks != alone.masks) < 1e-3


def test_masks_cover_the_frame_without_padding() -> None:
    """A frame of 50x70 in an input of 64x96: 13x18 of the 16x24 cells have a part in it."""
    logits = torch.full((1, 16, 24), -1.0)
    logits[0, 12, 17] = 1
    instances = instances_of(torch.zeros(1, 4), logits, torch.ones(1, 8), (50, 70), (50, 70))
    assert instances.masks.shape == (1, 13, 18)
    assert instances.masks[0, 12, 17]
    assert instances.masks.sum() == 1


def test_empty_masks_have_no_box() -> None:
    instances = instances_of(torch.zeros(2, 4), torch.full((2, 16, 16), -1.0), torch.ones(2, 8), (64, 64), (30, 30))
    assert not instances.boxes.any()
    assert not instances.masks.any()


def test_thresholds_after_scaling_up() -> None:
    """A ramp of logits is cut between the cells: at x = 7.1 cells of 4 pixels, pixel 30 being the first beyond it.

    Pixel x lies at (x + 0.5) / 4 - 0.5 cells; the size of the input is that of the output, half of it after that.
    """
    ramp = (torch.arange(24.0) - 7.1).expand(1, 16, 24)
    whole = instances_of(torch.zeros(1, 4), ramp, torch.ones(1, 8), (50, 70), (50, 70))
    expected = np.broadcast_to((np.arange(70) + 0.5) / 4 - 0.5 > 7.1, (50, 70))
    assert expected[0].argmax() == 30
    np.testing.assert_array_equal(decode(whole.rles[0]), expected)
    half = instances_of(torch.zeros(1, 4), ramp, torch.ones(1, 8), (50, 70), (25, 35))
    np.testing.assert_array_equal(decode(half.rles[0])[0], (2 * np.arange(35) + 1) / 4 - 0.5 > 7.1)
