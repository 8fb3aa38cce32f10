"""The network at any size."""

import pytest
import torch
from small_minvis import CLASSES, small_network


@torch.inference_mode()
def test_shapes() -> None:
    outputs = small_network()(torch.randn(2, 3, 64, 96))
    assert outputs.embeddings.shape == (2, 6, 32)
    assert len(outputs.predictions) == 3
    for prediction in outputs.predictions:
        assert prediction.logits.shape == (2, 6, CLASSES + 1)
        assert prediction.masks.shape == (2, 6, 16, 24)


@torch.inference_mode()
def test_frames_are_independent() -> None:
    network, images = small_network(), torch.randn(3, 3, 64, 64)
    together, alone = network(images), network(images[1:2])
    torch.testing.assert_close(together.predictions[-1].masks[1:2], alone.predictions[-1].masks, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(together.embeddings[1:2], alone.embeddings, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(("norm", "changes"), [("batch", True), ("frozen", False)])
def test_frozen_statistics_stay_in_training(norm: str, changes: bool) -> None:
    network = small_network(backbone={"width": 8, "depths": [1, 1, 1, 1], "norm": norm})
    before = {key: value.clone() for key, value in network.state_dict().items()}
    network.train()(torch.randn(2, 3, 64, 64))
    assert any(not torch.equal(before[key], value) for key, value in network.state_dict().items()) == changes


def test_same_seed_same_network() -> None:
    first, second = small_network().state_dict(), small_network().state_dict()
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_no_warnings(capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder) -> None:
    with torch.inference_mode():
        small_network()(torch.randn(1, 3, 64, 64))
    assert capfd.readouterr() == ("", "")
    assert not recwarn.list
