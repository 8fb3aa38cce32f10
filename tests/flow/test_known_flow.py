"""Known flow as training data, its validation, and a whole training run in miniature."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from instmove.datasets.synthetic.render import FlowClip
from instmove.flow.augment import Augmentation
from instmove.flow.checkpoint import load_raft
from instmove.flow.known_flow import KnownFlow, flow_validation
from instmove.flow.raft import Raft, RaftSettings
from instmove.flow.samples import FlowSource
from instmove.flow.task import FlowTask
from instmove.flow.training import BASE, train_raft
from instmove.training.settings import TrainSettings
from instmove.video import Clip

TINY = RaftSettings("large", width=0.03, levels=1)
HEIGHT, WIDTH = 32, 48


def clip(shifts: list[tuple[int, int]], seed: int = 0) -> FlowClip:
    """Noise that rolls by one shift (x, y) after another."""
    images = [np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)]
    for x, y in shifts:
        images.append(np.roll(images[-1], (y, x), axis=(0, 1)))
    flows = tuple(np.tile(np.array(shift, np.float32), (HEIGHT, WIDTH, 1)) for shift in shifts)
    return FlowClip(Clip("noise", images, ()), flows, tuple(np.ones((HEIGHT, WIDTH), np.bool_) for _ in shifts))


def test_pairs_are_adjacent_frames_with_the_flow_between_them() -> None:
    pairs = KnownFlow([clip([(1, 2), (-3, 0)]), clip([(0, 5)], seed=1)], WIDTH)
    assert len(pairs) == 3
    assert [pairs[i].flow[0, 0].tolist() for i in range(3)] == [[1, 2], [-3, 0], [0, 5]]
    for sample, (x, y) in zip(pairs.samples, [(1, 2), (-3, 0), (0, 5)], strict=True):
        assert np.array_equal(sample.image2, np.roll(sample.image1, (y, x), axis=(0, 1)))


def test_another_working_size_scales_the_flow() -> None:
    pairs = KnownFlow([clip([(2, -4)])], WIDTH // 2)
    assert pairs[0].image1.shape == (HEIGHT // 2, WIDTH // 2, 3)
    assert np.allclose(pairs[0].flow, (1, -2))


class Says(Raft):
    """Always the same vector."""

    def estimate(self, image1: Tensor, image2: Tensor, iterations: int) -> Tensor:
        return torch.tensor([3.0, 4.0]).view(1, 2, 1, 1).expand(1, 2, *image1.shape[-2:])


def test_validation_is_the_mean_error() -> None:
    task = FlowTask(Says(TINY), 1, 0.8, False)
    pairs = KnownFlow([clip([(3, 4), (3, 4), (0, 0), (3, 14)])], WIDTH)
    assert flow_validation(pairs, 1)(task) == pytest.approx({"epe": 15 / 4, "1px": 0.5})


def test_a_run_writes_weights_and_log_and_is_reproducible(tmp_path: Path) -> None:
    pairs = KnownFlow([clip([(1, 2), (-3, 0)])], WIDTH)
    settings = TrainSettings(iterations=2, batch_size=2, lr=1e-3, seed=0, optimizer="adamw", schedule="onecycle")
    for name in ("one", "two"):
        torch.manual_seed(0)
        source = FlowSource(pairs, Augmentation((24, 32), BASE.scale, BASE.flips), 0)
        train_raft(Raft(TINY), source, BASE, settings, tmp_path / name, "cpu", "test", flow_validation(pairs, 1))
    assert (tmp_path / "one/model.safetensors").read_bytes() == (tmp_path / "two/model.safetensors").read_bytes()
    assert load_raft(tmp_path / "one/model.safetensors").settings == TINY
    header, row = (tmp_path / "one/log.csv").read_text().splitlines()
    assert header == "iteration,flow_loss,flow_epe,flow_1px,validation_epe,validation_1px"
    assert row.startswith("2,")
