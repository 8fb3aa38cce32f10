from pathlib import Path

import numpy as np
import pytest
import torch

from instmove.motion import instmove
from instmove.motion.base import Scene, Tracklet
from instmove.motion.instmove import InstMoveMotion, load_motion
from instmove.motion.registry import build_motion
from instmove.network.build import NetworkSettings, Variant, build_network
from instmove.network.checkpoint import save_network

SIZE = (24, 40)


def scene(seed: int = 0) -> Scene:
    return Scene(9, np.random.default_rng(seed).integers(0, 256, (48, 80, 3), dtype=np.uint8))


def tracklets(lengths: list[int]) -> list[Tracklet]:
    rng = np.random.default_rng(1)
    return [Tracklet(rng.random((n, *SIZE)) > 0.5, tuple(range(9 - n, 9))) for n in lengths]


def model(variant: Variant = "released", image: str = "full") -> InstMoveMotion:
    torch.manual_seed(0)
    return InstMoveMotion(build_network(variant, image, 0.125), 48)


@pytest.mark.parametrize("variant", ["released", "paper"])
def test_batched_equals_one_by_one(variant: Variant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instmove, "BATCH", 2)
    motion, past = model(variant), tracklets([2, 4, 2, 3, 2])
    together = motion.predict(past, scene())
    alone = np.concatenate([motion.predict([tracklet], scene()) for tracklet in past])
    assert together.shape == (5, *SIZE) and together.dtype == np.float32
    assert together.min() >= 0 and together.max() <= 1
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_the_image_is_encoded_once_and_matters() -> None:
    motion, past, calls = model(), tracklets([2, 3, 4]), []
    motion.network.encoder_img.register_forward_hook(lambda *call: calls.append(call[1][0].shape))
    first = motion.predict(past, scene())
    assert calls == [(1, 3, 48, 48)]
    assert np.abs(first - motion.predict(past, scene(1))).max() > 1e-4


def test_without_image_branch_the_image_is_not_looked_at() -> None:
    motion, past = model(image="none"), tracklets([2])
    np.testing.assert_array_equal(motion.predict(past, scene(0)), motion.predict(past, scene(1)))


def test_one_past_mask_is_too_few() -> None:
    with pytest.raises(ValueError, match="two past masks"):
        model().predict(tracklets([2, 1]), scene())


def test_from_a_file_by_name(tmp_path: Path) -> None:
    motion, path = model(), tmp_path / "motion.safetensors"
    save_network(path, motion.network, NetworkSettings("released", "full", 0.125, 48))
    loaded = build_motion("instmove", weights=path)
    past = tracklets([2, 3])
    np.testing.assert_array_equal(loaded.predict(past, scene()), motion.predict(past, scene()))
    assert isinstance(load_motion(path), InstMoveMotion)


@pytest.mark.parametrize(("image", "read"), [("none", []), ("full", [9])])
def test_the_frame_alone_is_read_and_only_by_networks_that_look_at_it(image: str, read: list[int]) -> None:
    asked: list[int] = []
    model(image=image).scene(9, lambda frame: asked.append(frame) or np.zeros((48, 80, 3), dtype=np.uint8))  # type: ignore[func-returns-value]
    assert asked == read
