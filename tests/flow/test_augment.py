"""Augmentation keeps images and flow in step, and depends on nothing but its generator."""

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from instmove.flow import augment
from instmove.flow.augment import Augmentation, crop, erase, flip, jitter, jitter_pair, rescale
from instmove.flow.samples import FlowSample, FlowSource, image_tensor
from instmove.flow.warp import warp


def smooth_sample(seed: int, height: int = 72, width: int = 96) -> FlowSample:
    """Image 2 is smooth noise; image 1 is image 2 looked up at p + flow(p), so the flow is true by construction."""
    rng = np.random.default_rng(seed)
    noise = cv2.GaussianBlur(rng.random((height, width, 3)).astype(np.float32), (0, 0), 4)
    noise = (noise - noise.min()) / (noise.max() - noise.min())
    image2 = (255 * noise).astype(np.uint8)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    flow = np.stack([3 + 0.03 * (y - height / 2), -2 + 0.04 * (x - width / 2)], axis=-1).astype(np.float32)
    image1 = cv2.remap(image2, x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR)
    return FlowSample(image1, image2, flow, np.ones((height, width), dtype=np.bool_))


def mismatch(sample: FlowSample) -> float:
    """Mean grey-level difference between image 1 and image 2 warped by the flow, away from the border."""
    flow = torch.from_numpy(sample.flow).permute(2, 0, 1)[None]
    warped = warp(image_tensor(sample.image2)[None], flow)[0]
    return float((warped - image_tensor(sample.image1)).abs()[:, 8:-8, 8:-8].mean())


@pytest.mark.parametrize("axis", [0, 1])
def test_flips_keep_the_flow_true(axis: int) -> None:
    assert mismatch(flip(smooth_sample(0), axis)) < 1
    twice = flip(flip(smooth_sample(0), axis), axis)
    assert np.array_equal(twice.flow, smooth_sample(0).flow)


def test_scaling_keeps_the_flow_true() -> None:
    scaled = rescale(smooth_sample(1), 90, 150)
    assert scaled.valid.shape == (90, 150)
    assert mismatch(scaled) < 1
    assert mismatch(FlowSample(scaled.image1, scaled.image2, -scaled.flow, scaled.valid)) > 10


def test_an_unknown_pixel_spoils_what_is_interpolated_from_it() -> None:
    sample = smooth_sample(2)
    sample.valid[10, 10] = False
    scaled = rescale(sample, 144, 192)
    assert not scaled.valid[20:22, 20:22].any()
    assert scaled.valid[26:, 26:].all()


def test_crops_cut_all_arrays_alike() -> None:
    sample = smooth_sample(3)
    cut = crop(sample, (40, 56), np.random.default_rng(0))
    assert cut.image1.shape == (40, 56, 3)
    top, left = np.argwhere((sample.flow[:, :, 0, None] == cut.flow[0, 0, 0]).any(-1))[0][0], 0
    left = int(np.flatnonzero(sample.flow[0, :, 1] == cut.flow[0, 0, 1])[0])
    window = np.s_[top : top + 40, left : left + 56]
    assert np.array_equal(cut.image1, sample.image1[window])
    assert np.array_equal(cut.image2, sample.image2[window])
    assert np.array_equal(cut.flow, sample.flow[window])


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), low=st.floats(-1, 0), high=st.floats(0, 1), full=st.booleans())
def test_any_draw_gives_the_crop_and_true_flow(seed: int, low: float, high: float, full: bool) -> None:
    size = (72, 96) if full else (48, 64)
    transform = Augmentation(size, (low, high), (0.5, 0.5))
    rng = np.random.default_rng(seed)
    with pytest.MonkeyPatch.context() as patch:  # colours apart: they are not what is checked here
        patch.setattr(augment, "jitter_pair", lambda image1, image2, rng: (image1, image2))
        patch.setattr(augment, "ERASER_PROBABILITY", 0)
        found = transform(smooth_sample(4), rng)
    assert found.image1.shape == found.image2.shape == (*size, 3)
    assert found.flow.shape == (*size, 2)
    assert found.flow.dtype == np.float32
    assert mismatch(found) < 1.5


def test_jitter_changes_colours_within_bounds() -> None:
    grey = np.full((4, 4, 3), 100, dtype=np.uint8)
    found = np.array([jitter(grey, np.random.default_rng(seed))[0, 0] for seed in range(60)])
    assert np.ptp(found, axis=1).max() <= 2  # grey has no hue to turn
    assert found.min() >= 55
    assert found.max() <= 142  # brightness by 1.4, then contrast about an unchanged mean
    assert found.std() > 10


def test_jitter_is_mostly_the_same_for_both_images() -> None:
    sample = smooth_sample(5)
    same = 0
    for seed in range(100):
        first, second = jitter_pair(sample.image1, sample.image1, np.random.default_rng(seed))
        same += int(np.array_equal(first, second))
    assert 65 <= same <= 95


def test_the_eraser_paints_mean_colour_half_the_time() -> None:
    image = smooth_sample(6).image1
    painted = [erase(image, 72, np.random.default_rng(seed)) for seed in range(60)]
    touched = [p for p in painted if not np.array_equal(p, image)]
    assert 15 <= len(touched) <= 45
    colour = image.mean(axis=(0, 1)).astype(np.uint8)
    assert all((p[(p != image).any(-1)] == colour).all() for p in touched)


class FewPairs:
    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> FlowSample:
        return smooth_sample(index)


def test_samples_are_a_pure_function_of_seed_iteration_and_index() -> None:
    def source(seed: int) -> FlowSource:
        return FlowSource(FewPairs(), Augmentation((48, 64), (-0.1, 0.5)), seed)

    first, again = source(7), source(7)
    wanted = first.sample(5, 1)
    for place in ((0, 0), (9, 3)):
        again.sample(*place)
    found = again.sample(5, 1)
    assert all(torch.equal(wanted[name], found[name]) for name in wanted)
    assert wanted["image1"].shape == (3, 48, 64)
    assert wanted["flow"].shape == (2, 48, 64)
    assert wanted["valid"].shape == (48, 64)
    for other in (source(8).sample(5, 1), first.sample(6, 1), first.sample(5, 2)):
        assert not torch.equal(wanted["image1"], other["image1"])
