"""CrossVIS through the interface of baselines, at the size of the mini setup: trained, asked, tracked."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from baselines.crossvis.network import CrossVisNetwork
from baselines.registry import host_named
from instmove.masks import mask_iou
from instmove.video import Video

SETTINGS: dict[str, Any] = {
    "network": {
        "backbone": {"width": 8, "depths": [1, 1, 1, 1], "norm": "batch"},
        "first": 2,
        "channels": 16,
        "tower": 1,
        "mask_channels": 16,
        "mask_tower": 1,
        "embedding": 16,
        "sizes": [16, 32, 64, 128, 256],
        "backbone_gradient": 1.0,
    },
    "input": {"shortest": 64, "longest": 96},
    "window": 2,
    "tracker": {"motion_recency": 5},
}
VIDEO = Video(1, "made up", 64, 96, (), None)


def square_batch() -> dict[str, Tensor]:
    """Two samples of two frames: a bright square on dark ground, moved by 8 pixels in the second frame."""
    images, masks = torch.full((2, 2, 3, 64, 96), 40.0), torch.zeros(2, 2, 1, 64, 96, dtype=torch.bool)
    boxes = torch.zeros(2, 2, 1, 4)
    for sample in range(2):
        for frame in range(2):
            x, y = 16 + 24 * sample + 8 * frame, 16
            masks[sample, frame, 0, y : y + 24, x : x + 24] = True
            boxes[sample, frame, 0] = torch.tensor([x, y, x + 24, y + 24])
            images[sample, frame, sample] += 180 * masks[sample, frame, 0]
    return {
        "images": images,
        "sizes": torch.tensor([64, 96]).expand(2, 2, 2),
        "masks": masks,
        "boxes": boxes,
        "labels": torch.tensor([[0], [1]]),
        "visible": torch.ones(2, 2, 1, dtype=torch.bool),
        "ids": torch.tensor([[1], [2]]),
        "iteration": torch.zeros(2, dtype=torch.int64),
    }


@pytest.fixture(scope="module")
def trained() -> CrossVisNetwork:
    """Overfitted to the squares."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    host, batch = host_named("crossvis"), square_batch()
    network = host.build(SETTINGS, 2)
    task = host.task(network, SETTINGS, 5)
    optimizer = torch.optim.AdamW(task.parameters(), lr=5e-3)
    for step in range(60):
        optimizer.zero_grad()
        loss = task({**batch, "iteration": torch.full((2,), step)}, "train")["loss"]
        loss.backward()
        optimizer.step()
    return network


def test_what_was_learned_is_found_and_tracked(trained: CrossVisNetwork) -> None:
    """The best instance of each frame is its square; a track of each is in the result."""
    host, batch = host_named("crossvis"), square_batch()
    predictor, tracker = host.predictor(trained, SETTINGS, "cpu"), host.tracker(SETTINGS, VIDEO, None)
    frames = [frame for images in as_uint8(batch["images"]) for frame in predictor.predict(list(images))]
    truths = batch["masks"][..., 1::2, 1::2].flatten(0, 1).numpy()
    for t, (found, truth) in enumerate(zip(frames, truths, strict=True)):
        best = found.scores.max(axis=1).argmax()
        assert found.scores[best].argmax() == t // 2
        assert mask_iou(found.masks[best : best + 1], truth)[0, 0] > 0.7
        np.testing.assert_allclose(found.boxes[best], batch["boxes"].flatten(0, 2)[t], atol=5)
    tracks = tracker.results([tracker.step(t, found) for t, found in enumerate(frames)], frames)
    assert {track.label for track in tracks} == {0, 1}
    assert all(len(track.masks) == 4 for track in tracks)


def as_uint8(images: Tensor) -> np.ndarray:
    return images.movedim(2, -1).numpy().astype(np.uint8)
