"""The tracker with the authors' plug-in and its settings, against their own run on given predictions."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from parity import Npz, img, load_fixture, load_keys, seeded_state, sha16

from baselines.interface import Instances
from baselines.minvis.tracker import MinVisTracker
from baselines.plug_in import plug_in_for
from baselines.settings import AssociationSettings, association_settings
from instmove.config import load_setup
from instmove.motion.base import Scene, Tracklet
from instmove.motion.instmove import InstMoveMotion
from instmove.network.build import build_network
from instmove.network.canvas import MEAN, STD
from instmove.network.checkpoint import UNUSED_RESNET_STAGES

RELEASED = AssociationSettings(weight=0.5, past=(2, 4), gaps="by_frame", top=6, from_frame=2, released=True)


class RecordedMotion(InstMoveMotion):
    """InstMove with the authors' seeded weights; remembers what it predicted, by frame."""

    def __init__(self) -> None:
        _, meta = load_fixture("instmove", "instmove")
        state = seeded_state(load_keys("instmove", "instmove"), meta)
        network = build_network("released", "full", 1.0)
        network.load_state_dict({key: value for key, value in state.items() if not UNUSED_RESNET_STAGES.match(key)})
        super().__init__(network, side=96)
        self.predicted: dict[int, NDArray[np.bool_]] = {}

    def predict(self, tracklets: Sequence[Tracklet], scene: Scene) -> NDArray[np.float32]:
        prediction = super().predict(tracklets, scene)
        self.predicted[scene.frame] = prediction > 0.5
        return prediction


class NoiseVideo(list[NDArray[np.float32]]):
    """Frames (H, W, 3) as floats, which no image file could hold."""

    def image(self, frame: int) -> NDArray[np.float32]:
        return self[frame]


def official_video(meta: dict[str, Any]) -> NoiseVideo:
    frames = [255 * img(1300 + t, 3, 96, 128).astype(np.float64) for t in range(meta["T"])]
    mean, std = (np.array(values)[:, None, None] for values in (MEAN, STD))
    assert sha16((np.stack(frames) - mean) / std) == meta["image_sha"]
    return NoiseVideo(frame.transpose(1, 2, 0).astype(np.float32) for frame in frames)


@pytest.fixture(scope="module")
def fixture() -> tuple[Npz, dict[str, Any]]:
    return load_fixture("instmove_minvis", "minvis")


def frames_of(npz: Npz, meta: dict[str, Any]) -> list[Instances]:
    shape = (meta["T"], meta["Q"], *meta["mask_hw"])
    masks = np.unpackbits(npz["pred_masks_tqhw_positive"], count=int(np.prod(shape))).reshape(shape).astype(bool)
    boxes = np.zeros((meta["Q"], 4), dtype=np.float32)
    return [
        Instances(logits, boxes, embeddings, found, ())
        for logits, embeddings, found in zip(npz["pred_logits_tqc"], npz["pred_embds_tqc"], masks, strict=True)
    ]


def check(npz: Npz, variant: str, tracker: MinVisTracker, frames: list[Instances]) -> None:
    """Permutations in every frame, exactly, and the logits that are averaged."""
    order = [np.argsort(tracker.step(t, instances)) for t, instances in enumerate(frames)]
    np.testing.assert_array_equal(order[1:], npz[f"indices_{variant}"])
    logits = np.mean([instances.scores[row] for instances, row in zip(frames, order, strict=True)], axis=0)
    np.testing.assert_allclose(logits, npz[f"video_logits_{variant}"], atol=1e-5)


def test_without_motion(fixture: tuple[Npz, dict[str, Any]]) -> None:
    check(fixture[0], "nomotion", MinVisTracker(), frames_of(*fixture))


def test_with_motion(fixture: tuple[Npz, dict[str, Any]]) -> None:
    """Six tracklets a frame, from the third frame on, of two past masks and then of four."""
    torch.set_num_threads(1)
    npz, meta = fixture
    model = RecordedMotion()
    plug_in = plug_in_for(model, official_video(meta), RELEASED)  # type: ignore[arg-type]
    check(npz, "motion", MinVisTracker(plug_in), frames_of(npz, meta))
    assert sorted(model.predicted) == [2, 3, 4, 5, 6]
    for frame, found in model.predicted.items():
        masks = np.unpackbits(npz[f"motion_mask_frame{frame}"], count=100 * 24 * 32).reshape(100, 24, 32).astype(bool)
        expected = masks[npz[f"motion_mask_frame{frame}_rows"]]
        assert (found != expected).sum() <= 2, f"frame {frame}"


@pytest.mark.parametrize("name", ["mini", "paper"])
def test_the_released_variant_of_a_setup_is_the_one_that_is_compared(name: str) -> None:
    found = association_settings(load_setup(name)["association"], "minvis", "instmove_release")
    assert replace(found, top=RELEASED.top, model=RELEASED.model) == RELEASED
