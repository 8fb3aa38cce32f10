"""Unicorn's network against the official code's own numbers (seeded weights, CPU), with both kinds of backbone."""

from dataclasses import dataclass
from typing import Any

import pytest
import torch
from parity import Npz, assert_parity, load_fixture, sha16
from torch import Tensor
from torch.nn import functional as F
from unicorn_reference import paper_network, reference_frames

from baselines.layers.dynamic_mask import aligned_bilinear
from baselines.unicorn.detection import DetectionSettings, detect
from baselines.unicorn.head import boxes_of
from baselines.unicorn.network import Outputs, UnicornNetwork

ANCHORS = [5, 111, 170, 299, 333, 390, 405, 419]
BOXES = [(24, 20, 76, 84), (88, 40, 150, 112)]
"""Of the two objects to follow, in the reference frame."""


@dataclass
class Reference:
    npz: Npz
    meta: dict[str, Any]
    network: UnicornNetwork
    following: UnicornNetwork
    previous: tuple[Tensor, ...]
    """Maps of the backbone."""
    current: tuple[Tensor, ...]

    def check(self, name: str, array: Tensor) -> None:
        assert_parity(name, array, self.npz, self.meta)


@pytest.fixture(scope="module", params=["r50", "tiny"])
def reference(request: pytest.FixtureRequest) -> Reference:
    torch.set_num_threads(1)
    npz, meta = load_fixture(f"unicorn_{request.param}_mask", "unicorn")
    frames = reference_frames()
    network = paper_network(request.param)
    with torch.no_grad():
        previous, current = (network.maps(frame[None]) for frame in frames)
    return Reference(npz, meta, network, paper_network(request.param, following=True), previous, current)


def transport(reference: Reference) -> Tensor:
    """Where every cell of the current frame was, softmax over the cells of the reference frame, (h w, h w)."""
    first, second = reference.network.embeddings(reference.previous[1], reference.current[1])
    return (first[0].flatten(1).T @ second[0].flatten(1)).softmax(dim=0)


def coarse_masks(reference: Reference) -> Tensor:
    """Both objects' boxes brought to the current frame, (1, 2, h, w)."""
    label = torch.zeros(1, 2, 128, 160)
    for n, (x1, y1, x2, y2) in enumerate(BOXES):
        label[0, n, y1:y2, x1:x2] = 1
    small = F.interpolate(label, scale_factor=1 / 8, mode="bilinear", align_corners=False)
    return (small[0].flatten(1) @ transport(reference)).view(1, 2, 16, 20)


def followed(reference: Reference, number: int) -> Outputs:
    """What is predicted where one object is thought to be."""
    fine = coarse_masks(reference)[:, number : number + 1]
    halves = [F.interpolate(fine, scale_factor=1 / n, mode="bilinear", align_corners=False) for n in (2, 4)]
    return reference.following(reference.current, [fine, *halves])


def centres_and_sizes(outputs: Outputs) -> Tensor:
    corners = boxes_of(outputs.predictions.offsets, outputs.locations)
    return torch.cat(((corners[..., :2] + corners[..., 2:]) / 2, corners[..., 2:] - corners[..., :2]), dim=-1)


def probabilities(outputs: Outputs) -> Tensor:
    predictions = outputs.predictions
    return torch.cat((predictions.objectness[..., None], predictions.logits), dim=-1).sigmoid()


def test_frames(reference: Reference) -> None:
    assert sha16(reference_frames()) == reference.meta["inputs"]["frames_sha"]


@torch.no_grad()
def test_backbone_and_pyramid(reference: Reference) -> None:
    reference.check("pre_feat_s16", reference.previous[1])
    for level, features in enumerate(reference.network.backbone(*reference.current)):
        reference.check(f"cur_fpn{level}", features)


@torch.no_grad()
def test_interaction_and_embeddings(reference: Reference) -> None:
    interaction = reference.network.interaction
    reference.check("pos", interaction.positions(8, 10))
    pair = reference.previous[1], reference.current[1]
    for name, features in zip(("pre", "cur"), interaction(*pair), strict=True):
        reference.check(f"interact_{name}", features)
    for name, embeddings in zip(("pre", "cur"), reference.network.embeddings(*pair), strict=True):
        reference.check(f"embed_{name}", embeddings)
    reference.check("trans_mat", transport(reference))
    reference.check("coarse_mask", coarse_masks(reference))


@torch.no_grad()
def test_predictions_of_many_objects(reference: Reference) -> None:
    outputs = reference.network(reference.current)
    reference.check("mot_boxes", centres_and_sizes(outputs))
    reference.check("mot_obj_cls", probabilities(outputs))


@torch.no_grad()
def test_predictions_of_a_followed_object(reference: Reference) -> None:
    outputs = followed(reference, 0)
    reference.check("sot0_locations", outputs.locations.points)
    reference.check("sot0_dynamic_params", outputs.predictions.parameters)
    reference.check("mask_feats", outputs.features)
    reference.check("up_masks", outputs.weights)


@pytest.mark.parametrize("number", [0, 1])
@torch.no_grad()
def test_boxes_scores_and_masks_of_a_followed_object(reference: Reference, number: int) -> None:
    outputs = followed(reference, number)
    reference.check(f"sot{number}_boxes", centres_and_sizes(outputs))
    reference.check(f"sot{number}_obj_cls", probabilities(outputs))
    masks = reference.following.masks(outputs, 0, torch.tensor(ANCHORS)).sigmoid()
    reference.check(f"sot{number}_masks_8anchors", masks[:, None])


@pytest.mark.parametrize("number", [0, 1])
@torch.no_grad()
def test_best_of_all_instances(reference: Reference, number: int) -> None:
    outputs = followed(reference, number)
    found = detect(outputs.predictions, 0, outputs.locations, DetectionSettings(least=0.001))
    reference.check(f"sot{number}_post_n", torch.tensor([len(found.scores)]))
    scores = probabilities(outputs)[0, found.locations[:1]]
    reference.check(f"sot{number}_post_top1", torch.cat((found.boxes[:1], scores, found.classes[:1, None]), dim=1))
    mask = reference.following.masks(outputs, 0, found.locations[:1]).sigmoid()
    reference.check(f"sot{number}_post_mask_top1", aligned_bilinear(mask[None], 2)[0])
