"""IDOL through the interface of baselines: trained, asked, tracked; and what the predictor promises."""

import numpy as np
import pytest
import torch
from idol_reference import CLASSES, PAPER
from parity import load_keys
from small_idol import SETTINGS, squares
from torch import Tensor

from baselines.idol.checkpoint import ALIAS, convert
from baselines.idol.network import IdolNetwork
from baselines.idol.predictor import candidates
from baselines.registry import host_named
from instmove.errors import InstMoveError
from instmove.masks import mask_iou
from instmove.network.checkpoint import load_strict
from instmove.video import Video

VIDEO = Video(1, "made up", 64, 96, (), None)


def as_bytes(images: Tensor) -> list[np.ndarray]:
    return list(images.movedim(1, -1).numpy().astype(np.uint8))


@pytest.fixture(scope="module")
def trained() -> IdolNetwork:
    """Overfitted to the squares; as losses look at the key frame, each frame is that in turn."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    host, batch = host_named("idol"), squares()
    batches = [batch, {key: value.flip(1) if value.dim() > 2 else value for key, value in batch.items()}]
    task = host.task(host.build(SETTINGS, 3), SETTINGS, 5)
    optimizer = torch.optim.AdamW(task.parameters())
    for step in range(60):
        optimizer.param_groups[0]["lr"] = 5e-3 * (1 - step / 60)
        optimizer.zero_grad()
        task({**batches[step % 2], "iteration": torch.full((2,), step)}, "train")["loss"].backward()
        torch.nn.utils.clip_grad_norm_(task.parameters(), 1.0)
        optimizer.step()
    return task.network


def test_what_was_learned_is_found_and_tracked(trained: IdolNetwork) -> None:
    """Both squares of both frames are among the instances, and keep their identity."""
    host, batch = host_named("idol"), squares()
    predictor = host.predictor(trained, SETTINGS, "cpu")
    for sample in range(2):
        tracker = host.tracker(SETTINGS, VIDEO, None)
        named = []
        for t, found in enumerate(predictor.predict(as_bytes(batch["images"][sample]))):
            ids = tracker.step(t, found)
            truth = batch["masks"][sample, t, :2, 2::4, 2::4].numpy()
            overlap = mask_iou(found.masks, truth) * (ids >= 0)[:, None]
            rows = overlap.argmax(axis=0)
            assert (overlap.max(axis=0) > 0.6).all()
            assert found.scores[rows].argmax(axis=1).tolist() == batch["labels"][sample, :2].tolist()
            np.testing.assert_allclose(found.boxes[rows], batch["boxes"][sample, t, :2], atol=10)
            named.append(ids[rows].tolist())
        assert named[0] == named[1]
        assert len(set(named[0])) == 2


def test_a_frame_is_the_same_alone(trained: IdolNetwork) -> None:
    """And its instances come best first."""
    predictor = host_named("idol").predictor(trained, SETTINGS, "cpu")
    frames = as_bytes(squares()["images"][0, :, :, :62, :90])
    for frame, found in zip(frames, predictor.predict(frames), strict=True):
        alone = predictor.predict([frame])[0]
        assert len(found) > 1
        assert (np.diff(found.scores.max(axis=1)) <= 0).all()
        np.testing.assert_allclose(found.scores, alone.scores, atol=1e-5)
        np.testing.assert_allclose(found.embeddings, alone.embeddings, atol=1e-4)


@pytest.mark.parametrize("first", [2, 3])
def test_any_size(first: int) -> None:
    """Masks have half the stride of the finest stage; the grid covers the frame without padding."""
    settings = SETTINGS | {"network": SETTINGS["network"] | {"first": first}}
    predictor = host_named("idol").predictor(host_named("idol").build(settings, 3), settings, "cpu")
    frames = [np.full((95, 128, 3), value, dtype=np.uint8) for value in (30, 200)]
    for found in predictor.predict(frames):
        assert found.masks.shape[1:] == ((16, 22) if first == 3 else (32, 43))  # of 64x86
        assert found.embeddings.shape == (len(found), 32)
        assert all(rle["size"] == [95, 128] for rle in found.rles)


def test_candidates() -> None:
    """Boxes of one class that agree by more than 0.9 are one; nothing is left out for being alone."""
    scores = torch.tensor([[0.3, 0.0], [0.5, 0.0], [0.0, 0.4], [0.09, 0.0]])
    boxes = torch.tensor([[0.5, 0.5, 0.4, 0.4]]).repeat(4, 1)
    assert candidates(scores, boxes).tolist() == [1, 2]
    boxes[0, 2] = 0.35
    assert candidates(scores, boxes).tolist() == [1, 2, 0]
    assert candidates(scores / 10, boxes).tolist() == [1]


@pytest.fixture
def official() -> dict[str, Tensor]:
    return {key: torch.zeros(shape) for key, (shape, _) in load_keys("idol_r50", "idol").items()}


def shapes_only() -> IdolNetwork:
    with torch.device("meta"):
        return IdolNetwork(PAPER, CLASSES)


def test_every_official_tensor_is_used_or_named(official: dict[str, Tensor]) -> None:
    ours, unused = convert(official)
    assert unused == [key for key in official if key.startswith(ALIAS)]
    assert len(unused) == 36
    assert {key: value.shape for key, value in ours.items()} == {
        key: value.shape for key, value in shapes_only().state_dict().items()
    }


def test_everything_wrong_in_one_line(official: dict[str, Tensor]) -> None:
    del official["detr.detr.transformer.decoder.layers.0.norm2.bias"]
    official["detr.detr.extra.weight"] = torch.zeros(1)
    official["detr.detr.class_embed.5.weight"] = torch.zeros(25, 256)
    with pytest.raises(InstMoveError) as caught:
        load_strict(shapes_only(), convert(official)[0], "idol_ovis_R50.pth")
    message = str(caught.value)
    assert "missing keys: transformer.decoder.layers.0.self_attn_layer_norm.bias" in message
    assert "unexpected keys: extra.weight" in message
    assert "classifiers.5.weight [25, 256] instead of [40, 256]" in message
