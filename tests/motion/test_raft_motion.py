"""Masks carried by flow: direction, all tracklets at once, and what is asked of the scene."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from instmove.flow.checkpoint import save_raft
from instmove.flow.raft import Raft, RaftSettings
from instmove.motion.base import Scene, Tracklet
from instmove.motion.raft import RaftMotion
from instmove.motion.registry import build_motion

HEIGHT, WIDTH = 48, 96


class BlockMatching(Raft):
    """Finds the one shift, within 8 px, that carries image 1 onto image 2; honest about direction."""

    calls = 0

    def estimate(self, image1: Tensor, image2: Tensor, iterations: int) -> Tensor:
        self.calls += 1
        shifts = [(x, y) for x in range(-8, 9) for y in range(-8, 9)]
        # image1(p) = image2(p + shift), compared away from the border
        costs = [(image1 - image2.roll((-y, -x), (2, 3)))[..., 8:-8, 8:-8].abs().sum() for x, y in shifts]
        best = torch.tensor(shifts[int(torch.stack(costs).argmin())]).float()
        return best.view(1, 2, 1, 1).expand(1, 2, *image1.shape[-2:])


def shifted_scene(x: int, y: int) -> Scene:
    previous = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    return Scene(5, np.roll(previous, (y, x), axis=(0, 1)), previous)


def tracklet(top: int, left: int, height: int = HEIGHT, width: int = WIDTH, last: int = 4) -> Tracklet:
    masks = np.zeros((2, height, width), dtype=np.bool_)
    masks[0, :3, :3] = True
    masks[1, top : top + 10, left : left + 12] = True
    return Tracklet(masks, (last - 1, last))


def model() -> RaftMotion:
    return RaftMotion(BlockMatching(RaftSettings(width=0.03, levels=1)), WIDTH, 1)


def test_masks_follow_the_image() -> None:
    motion = model()
    predicted = motion.predict([tracklet(10, 20), tracklet(20, 60)], shifted_scene(5, -3))
    expected = np.stack([tracklet(7, 25).masks[-1], tracklet(17, 65).masks[-1]])
    assert predicted.dtype == np.float32
    assert np.array_equal(predicted > 0.5, expected)
    assert np.allclose(predicted, expected, atol=1e-4)
    assert motion.raft.calls == 1


def test_masks_on_a_coarser_grid_than_the_frames() -> None:
    predicted = model().predict([tracklet(5, 10, HEIGHT // 2, WIDTH // 2)], shifted_scene(4, 6))
    assert np.array_equal(predicted[0] > 0.5, tracklet(8, 12, HEIGHT // 2, WIDTH // 2).masks[-1])


def test_a_mask_from_before_a_gap_counts_as_the_previous_frame() -> None:
    now = model().predict([tracklet(10, 20)], shifted_scene(5, -3))
    assert np.array_equal(now, model().predict([tracklet(10, 20, last=1)], shifted_scene(5, -3)))


def test_the_previous_image_is_needed() -> None:
    scene = shifted_scene(1, 1)
    with pytest.raises(ValueError, match="previous frame"):
        model().predict([tracklet(10, 20)], Scene(scene.frame, scene.image))


def test_from_a_file_by_name(tmp_path: Path) -> None:
    torch.manual_seed(0)
    raft = Raft(RaftSettings(width=0.03, levels=1))
    save_raft(tmp_path / "raft.safetensors", raft)
    read = build_motion("raft", weights=tmp_path / "raft.safetensors", longest=WIDTH, iterations=2)
    arguments = [tracklet(10, 20)], shifted_scene(5, -3)
    np.testing.assert_array_equal(read.predict(*arguments), RaftMotion(raft, WIDTH, 2).predict(*arguments))
    assert not np.array_equal(read.predict(*arguments), RaftMotion(raft, WIDTH, 3).predict(*arguments))
