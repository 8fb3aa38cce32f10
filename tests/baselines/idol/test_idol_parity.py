"""The paper-size network and its imported weights against the official code's own numbers."""

from dataclasses import dataclass
from typing import Any

import pytest
import torch
from idol_reference import official_frames, paper_network
from parity import Npz, assert_parity, load_fixture, sha16
from torch import Tensor

from baselines.idol.network import IdolNetwork, Outputs
from baselines.layers.images import normalised


@dataclass
class Reference:
    npz: Npz
    meta: dict[str, Any]
    network: IdolNetwork
    frames: Tensor  # (3, 3, 128, 160) in 0..255
    outputs: Outputs

    def check(self, name: str, array: Tensor) -> None:
        assert_parity(name, array, self.npz, self.meta)


def run(network: IdolNetwork, frames: Tensor, height: int, width: int) -> Outputs:
    sizes = torch.tensor([[height, width]]).expand(len(frames), 2)
    return network(normalised(frames, sizes), sizes)


@pytest.fixture(scope="module")
def reference() -> Reference:
    torch.set_num_threads(1)
    npz, meta = load_fixture("idol_r50", "idol")
    frames = torch.from_numpy(official_frames())
    assert sha16(frames) == meta["inputs"]["frames_sha"]
    network = paper_network()
    with torch.inference_mode():
        return Reference(npz, meta, network, frames, run(network, frames, 128, 160))


def masks_of(network: IdolNetwork, outputs: Outputs, height: int, width: int, step: int) -> Tensor:
    """The mask logits of every ``step``-th query of the first frame, (N, 1, h, w)."""
    last = outputs.predictions[-1]
    queries = last.queries[0, ::step]
    points = last.points[0, ::step] * torch.tensor([width, height])
    features = network.features(outputs)[:1].expand(len(queries), -1, -1, -1)
    return network.masks(features, points, queries)[:, None]


@torch.inference_mode()
def test_backbone(reference: Reference) -> None:
    frames = normalised(reference.frames[:1], torch.tensor([[128, 160]]))
    for stage, features in enumerate(reference.network.backbone(frames)[1:], 3):
        reference.check(f"f0_res{stage}", features)


@torch.inference_mode()
def test_transformer(reference: Reference) -> None:
    maps = [features[:1].flatten(2).transpose(1, 2) for features in reference.outputs.maps]
    reference.check("f0_encoder_memory", torch.cat(maps, dim=1))
    predictions = reference.outputs.predictions
    reference.check("f0_decoder_layer0", predictions[0].queries[:1])
    reference.check("f0_decoder_hs_last", predictions[-1].queries[:1])
    reference.check("f0_inter_references", torch.stack([prediction.boxes[:1] for prediction in predictions]))
    reference.check("reference_points_f0", predictions[-1].points[0])


@torch.inference_mode()
def test_outputs(reference: Reference) -> None:
    last = reference.outputs.predictions[-1]
    for frame in (0, 2):
        reference.check(f"pred_logits_f{frame}", last.logits[frame])
        reference.check(f"pred_boxes_f{frame}", last.boxes[frame])
    reference.check("pred_inst_embed_f0", reference.network.embedder(last.queries[0]))


@torch.inference_mode()
def test_masks(reference: Reference) -> None:
    network, outputs = reference.network, reference.outputs
    reference.check("f0_controller", network.controller(outputs.predictions[-1].queries[:1]))
    reference.check("f0_mask_head_feat", network.features(outputs)[:1])
    reference.check("pred_masks_f0_every15", masks_of(network, outputs, 128, 160, 15))


@torch.inference_mode()
def test_padding(reference: Reference) -> None:
    """A frame of 120x150 in 128x160."""
    outputs = run(reference.network, reference.frames[:1], 120, 150)
    last = outputs.predictions[-1]
    reference.check("pad_pred_logits", last.logits[0])
    reference.check("pad_pred_boxes", last.boxes[0])
    reference.check("pad_pred_masks_every30", masks_of(reference.network, outputs, 120, 150, 30))
