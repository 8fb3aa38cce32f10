"""The paper-size network, its imported weights and whole inference against the official code's own numbers."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from parity import REFERENCE, Npz, assert_parity, img, load_fixture, load_keys, seeded_state, sha16
from torch import Tensor

from baselines.interface import Instances
from baselines.minvis.checkpoint import convert
from baselines.minvis.network import MinVisNetwork, NetworkSettings, Outputs
from baselines.minvis.predictor import instances_of
from baselines.minvis.tracker import MinVisTracker
from instmove.masks import decode
from instmove.network.canvas import MEAN, STD
from instmove.network.checkpoint import load_strict

PAPER = NetworkSettings(
    backbone={"width": 64, "depths": (3, 4, 6, 3), "norm": "frozen"},
    hidden=256,
    queries=100,
    heads=8,
    encoder_layers=6,
    encoder_ffn=1024,
    decoder_layers=9,
    decoder_ffn=2048,
    points=12544,
)
CLASSES = 40


@dataclass
class Reference:
    npz: Npz
    meta: dict[str, Any]
    network: MinVisNetwork
    frames: Tensor  # (3, 3, 128, 160), normalised
    outputs: Outputs

    def check(self, name: str, array: np.ndarray | Tensor) -> None:
        assert_parity(name, array, self.npz, self.meta)


def official_frames() -> Tensor:
    """One noise image that moves, and noise that does not: RGB in 0..255, normalised."""
    still = img(0, 3, 128, 160).astype(np.float64)
    noise = [img(100 + t, 3, 128, 160).astype(np.float64) for t in range(3)]
    moving = [0.9 * np.roll(still, (4 * t, -6 * t), (1, 2)) + 0.1 * noise[t] for t in range(3)]
    frames = 255 * np.stack(moving)
    return torch.from_numpy(frames.astype(np.float32))


@pytest.fixture(scope="module")
def reference() -> Reference:
    torch.set_num_threads(1)
    npz, meta = load_fixture("minvis_r50", "minvis")
    frames = official_frames()
    assert sha16(frames) == meta["inputs"]["frames_sha"]
    frames = (frames - torch.tensor(MEAN)[:, None, None]) / torch.tensor(STD)[:, None, None]
    state = seeded_state(load_keys("minvis_r50", "minvis"), meta)
    with np.load(REFERENCE / "minvis" / "minvis_r50.overrides.npz") as overrides:
        state |= {name: torch.from_numpy(overrides[name]) for name in overrides}
    network = MinVisNetwork(PAPER, CLASSES)
    load_strict(network, convert(state)[0], "seeded")
    network.eval()
    with torch.inference_mode():
        return Reference(npz, meta, network, frames, network(frames))


def test_outputs(reference: Reference) -> None:
    last = reference.outputs.predictions[-1]
    for frame in (0, 2):
        reference.check(f"pred_logits_f{frame}", last.logits[frame])
        reference.check(f"pred_masks_f{frame}", last.masks[frame])
    reference.check("pred_embds_f0", reference.outputs.embeddings[0].T)


def test_predictions_of_earlier_layers(reference: Reference) -> None:
    assert len(reference.outputs.predictions) == 10
    for layers in (0, 1, 5):
        reference.check(f"f0_masks_after{layers}", reference.outputs.predictions[layers].masks[:1])


@torch.inference_mode()
def test_backbone_and_pixel_decoder(reference: Reference) -> None:
    maps = reference.network.backbone(reference.frames[:1])
    for stage, features in enumerate(maps, 2):
        reference.check(f"f0_res{stage}", features)
    pixels = reference.network.mask2former.pixel_decoder(maps)
    reference.check("f0_encoder_out_s32", pixels.multi_scale_features[0])
    for level, features in enumerate(pixels.multi_scale_features):
        reference.check(f"f0_multiscale{level}", features)
    reference.check("f0_mask_features", pixels.mask_features)


@torch.inference_mode()
def test_queries_and_attention_mask(reference: Reference) -> None:
    decoder = reference.network.mask2former.transformer.decoder
    queries: list[Tensor] = []
    blocked: list[Tensor] = []
    hooks = [layer.register_forward_hook(lambda *call: queries.append(call[-1][0])) for layer in decoder.layers]
    hooks.append(decoder.mask_predictor.register_forward_hook(lambda *call: blocked.append(call[-1][1])))
    hooks.append(decoder.layers[0].register_forward_pre_hook(lambda module, inputs: queries.append(inputs[0])))
    reference.network(reference.frames[:1])
    for hook in hooks:
        hook.remove()
    for layers in (0, 1, 5):
        reference.check(f"f0_dec_query_after{layers}", queries[layers])
    reference.check("f0_attnmask0_head0", blocked[0][:1].to(torch.uint8))


def tracked(frames: list[Instances]) -> tuple[MinVisTracker, list[np.ndarray]]:
    tracker = MinVisTracker()
    return tracker, [tracker.step(t, instances) for t, instances in enumerate(frames)]


def instances(outputs: Outputs, size: tuple[int, int], output: tuple[int, int]) -> list[Instances]:
    last = outputs.predictions[-1]
    return [instances_of(last.logits[t], last.masks[t], outputs.embeddings[t], size, output) for t in range(3)]


def test_tracking(reference: Reference) -> None:
    frames = instances(reference.outputs, (128, 160), (8, 8))
    _, ids = tracked(frames)
    order = [np.argsort(slots) for slots in ids]
    np.testing.assert_array_equal(order[1], reference.npz["match_01"])
    logits = [frame.scores[queries] for frame, queries in zip(frames, order, strict=True)]
    reference.check("video_logits", np.mean(logits, axis=0))
    masks = reference.outputs.predictions[-1].masks
    aligned = [masks[t, torch.from_numpy(queries)] for t, queries in enumerate(order)]
    reference.check("video_masks_first8", torch.stack(aligned, dim=1)[:8])


def test_whole_inference(reference: Reference) -> None:
    """Frames of 120x150, padded to 128x160; results at 60x75."""
    cut = torch.zeros_like(reference.frames)
    cut[..., :120, :150] = reference.frames[..., :120, :150]
    with torch.inference_mode():
        frames = instances(reference.network(cut), (120, 150), (60, 75))
    tracker, ids = tracked(frames)
    results = sorted(tracker.results(ids, frames), key=lambda result: -result.score)
    reference.check("infer_scores_sorted", np.array([result.score for result in results]))
    assert [result.label for result in results] == reference.npz["infer_labels_sorted"].tolist()
    masks = np.array([[decode(rle) for rle in result.masks if rle is not None] for result in results])
    expected = np.unpackbits(reference.npz["infer_masks_sorted"], axis=1, count=3 * 60 * 75).astype(bool)
    differing = (masks.reshape(10, -1) != expected).sum(axis=1)
    assert differing.max() <= 2, f"pixels that differ, for each result: {differing}"
