"""Instances of a frame against the official code's own numbers (seeded weights, CPU)."""

from typing import Any

import numpy as np
import pytest
import torch
from crossvis_reference import MEAN, paper_network
from parity import Npz, assert_parity, img, load_fixture

from baselines.crossvis.detection import DetectionSettings
from baselines.crossvis.network import CrossVisNetwork
from baselines.crossvis.predictor import CrossVisPredictor
from baselines.interface import Instances
from instmove.masks import decode

SETTINGS = {
    "inst": DetectionSettings(candidates=6),
    "inst_official_thr": DetectionSettings(),
    "pad": DetectionSettings(least=0.84),
}


@pytest.fixture(scope="module")
def network() -> CrossVisNetwork:
    torch.set_num_threads(1)
    return paper_network().eval()


def instances_of(network: CrossVisNetwork, case: str) -> Instances:
    """Of the fixture's image, 120x150 of it in the padded case; it holds no bytes, so it goes in below ``predict``."""
    predictor = CrossVisPredictor(network, 128, 160, 1, "cpu", SETTINGS[case])
    image = 255 * img(0, 3, 128, 160) - np.float32(MEAN)[:, None, None]
    size, output = (128, 160), (128, 160)
    if case == "pad":
        size, output = (120, 150), (200, 250)
        image[:, 120:], image[:, :, 150:] = 0, 0
    with torch.inference_mode():
        outputs = network(torch.from_numpy(image)[None])
        return predictor._instances(outputs, 0, size, output)


def check(name: str, array: Any, npz: Npz, meta: dict[str, Any]) -> None:
    assert_parity(name, np.asarray(array), npz, meta)


@pytest.mark.parametrize("case", SETTINGS)
def test_boxes_scores_classes(network: CrossVisNetwork, case: str) -> None:
    npz, meta = load_fixture("crossvis_r50", "crossvis")
    found = instances_of(network, case)
    check(f"{case}_boxes", found.boxes, npz, meta)
    check(f"{case}_scores", found.scores.max(axis=1), npz, meta)
    check(f"{case}_classes", found.scores.argmax(axis=1), npz, meta)
    assert np.count_nonzero(found.scores) == len(found)


@pytest.mark.parametrize("case", ["inst", "pad"])
def test_embeddings_and_masks(network: CrossVisNetwork, case: str) -> None:
    npz, meta = load_fixture("crossvis_r50", "crossvis")
    found = instances_of(network, case)
    check(f"{case}_reid_feat", found.embeddings, npz, meta)
    full = np.stack([decode(rle) for rle in found.rles])
    areas = npz[f"{case}_mask_areas"]
    assert np.abs(full.sum(axis=(1, 2)) - areas).max() <= 2
    assert np.abs(full.sum(axis=(1, 2)) - areas).sum() <= 5
    packed = np.packbits(full.reshape(len(full), -1), axis=1)
    step = meta["arrays"][f"{case}_masks_packed"]["step"]
    differing = np.bitwise_count(packed.ravel()[::step] ^ npz[f"{case}_masks_packed"].ravel()).sum()
    assert differing <= 3


@pytest.mark.parametrize("case", ["inst", "pad"])
def test_small_masks_cover_the_frame_without_padding(network: CrossVisNetwork, case: str) -> None:
    npz, meta = load_fixture("crossvis_r50", "crossvis")
    found = instances_of(network, case)
    name = f"{case}_global_masks_stride4"
    height, width = (32, 40) if case == "inst" else (30, 38)
    official = np.full(int(np.prod(meta["arrays"][name]["shape"])), np.nan, np.float32)
    official[:: meta["arrays"][name]["step"]] = npz[name].ravel()
    official = official.reshape(meta["arrays"][name]["shape"])[:, :height, :width]
    assert found.masks.shape == official.shape
    stored = ~np.isnan(official)
    assert stored.sum() > 1000
    sure = stored & (np.abs(official - 0.5) > 1e-4)
    np.testing.assert_array_equal(found.masks[sure], official[sure] > 0.5)


def test_frames_are_resized_padded_and_named_as_they_come(network: CrossVisNetwork) -> None:
    """A window of frames gives for each what it gives alone; output is in the frame's own pixels."""
    predictor = CrossVisPredictor(network, 48, 96, 2, "cpu", DetectionSettings(most=20))
    frames = [(255 * img(seed, 3, 96, 128)).transpose(1, 2, 0).astype(np.uint8)[:95] for seed in (1, 2)]
    together = predictor.predict(frames)
    for frame, found in zip(frames, together, strict=True):
        alone = predictor.predict([frame])[0]
        assert len(found) > 0
        np.testing.assert_allclose(found.boxes, alone.boxes, atol=1e-3)
        assert found.masks.shape[1:] == (12, 17)  # input 48x65
        assert all(rle["size"] == [95, 128] for rle in found.rles)
        assert (found.boxes >= 0).all() and (found.boxes <= [128, 95, 128, 95]).all()


def test_frames_without_instances() -> None:
    network = paper_network().eval()
    predictor = CrossVisPredictor(network, 32, 64, 1, "cpu", DetectionSettings(least=1.0))
    found = predictor.predict([np.zeros((32, 40, 3), np.uint8)])[0]
    assert len(found) == 0
    assert (found.boxes.shape, found.embeddings.shape, found.masks.shape) == ((0, 4), (0, 256), (0, 8, 10))
    assert found.rles == ()
