"""The training losses: their parts against plain formulas, the awkward batches, and what may not matter."""

import math
from typing import Any

import pytest
import torch
from small_idol import SETTINGS, small_network, squares
from torch import Tensor
from torch.nn import functional as F

from baselines.idol.host import task
from baselines.idol.losses import WEIGHTS, Matches, Objects, Truth, detection_losses, match
from baselines.idol.network import IdolNetwork, Prediction


@pytest.fixture(scope="module")
def network() -> IdolNetwork:
    torch.set_num_threads(1)
    return small_network()


def losses(network: IdolNetwork, batch: dict[str, Tensor], **changes: Any) -> dict[str, Tensor]:
    return task(network, SETTINGS, 0)(batch | changes, "train")


def made_up(network: IdolNetwork) -> tuple[Prediction, Objects, Truth]:
    """Two images with twelve queries; the first has two objects, the second one."""
    generator = torch.Generator().manual_seed(2)

    def draw(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator)

    prediction = Prediction(draw(2, 12, 32), 4 * draw(2, 12, 3) - 2, 0.2 + 0.5 * draw(2, 12, 4), draw(2, 12, 2))
    valid = torch.tensor([[True, True, False], [False, True, False]])
    objects = Objects(torch.tensor([[0, 2, -1], [1, 0, -1]]), 0.3 + 0.3 * draw(2, 3, 4), valid)
    masks = draw(2, 3, 16, 24) < 0.4
    return prediction, objects, Truth(draw(2, 8, 8, 12), masks, torch.tensor([[96, 64], [90, 60]]))


def focal(logit: float, target: float) -> float:
    """Lin et al. 2017, equations 4 and 5."""
    p = 1 / (1 + math.exp(-logit))
    if target:
        return -0.25 * (1 - p) ** 2 * math.log(p)
    return -0.75 * p**2 * math.log(1 - p)


@torch.no_grad()
def test_parts_query_by_query(network: IdolNetwork) -> None:
    """Sums over matched queries, one at a time, divided by their number in the whole batch."""
    prediction, objects, truth = made_up(network)
    matches = match(prediction, objects)
    found = detection_losses(network, prediction, matches, objects, truth)
    expected = dict.fromkeys(found, 0.0)
    answers = {(b, q): n for b, q, n in zip(*(rows.tolist() for rows in matches.rows()), strict=True)}
    assert len({b for b, _ in answers}) == 2
    for b in range(2):
        for q in range(12):
            label = objects.labels[b, answers[b, q]] if (b, q) in answers else -1
            expected["class"] += sum(focal(prediction.logits[b, q, c].item(), float(c == label)) for c in range(3))
    for (b, q), n in answers.items():
        box, wanted = prediction.boxes[b, q], objects.boxes[b, n]
        expected["box"] += F.l1_loss(box, wanted, reduction="sum").item()
        expected["giou"] += 1 - giou_of(box.tolist(), wanted.tolist())
        point = (prediction.points[b, q] * truth.sizes[b])[None]
        logits = network.masks(truth.features[b : b + 1], point, prediction.queries[b, q][None])[0]
        pixels = zip(logits.flatten().tolist(), truth.masks[b, n].flatten().tolist(), strict=True)
        expected["mask"] += sum(focal(*pixel) for pixel in pixels) / logits.numel()
        p, t = logits.sigmoid(), truth.masks[b, n].float()
        expected["dice"] += 1 - ((2 * (p * t).sum() + 1) / (p.sum() + t.sum() + 1)).item()
    for name, value in found.items():
        assert value.item() == pytest.approx(expected[name] / len(answers), rel=1e-4), name


def giou_of(first: list[float], second: list[float]) -> float:
    """Rezatofighi et al. 2019, algorithm 1, of boxes as centre and size."""
    (ax, ay, aw, ah), (bx, by, bw, bh) = first, second
    left, right = (ax - aw / 2, bx - bw / 2), (ax + aw / 2, bx + bw / 2)
    top, bottom = (ay - ah / 2, by - bh / 2), (ay + ah / 2, by + bh / 2)
    inner = max(0, min(right) - max(left)) * max(0, min(bottom) - max(top))
    hull = (max(right) - min(left)) * (max(bottom) - min(top))
    union = aw * ah + bw * bh - inner
    return inner / union - (hull - union) / hull


def test_of_two_objects_a_query_answers_for_the_first() -> None:
    matched = torch.zeros(1, 3, 4, dtype=torch.bool)
    matched[0, 0, [1, 3]] = matched[0, 2, 2] = True
    rows = Matches(matched, torch.zeros(1, 4)).rows()
    assert [part.tolist() for part in rows] == [[0, 0], [0, 2], [1, 2]]


def test_the_total_is_the_weighted_sum(network: IdolNetwork) -> None:
    found = losses(network, squares())
    total = found.pop("loss")
    assert found.keys() == WEIGHTS.keys()
    expected = (
        2 * found["class"] + 5 * found["box"] + 2 * found["giou"] + 2 * found["mask"] + 5 * found["dice"]
    ) + 2 * (found["reid"] + 1.5 * found["reid_cosine"])
    torch.testing.assert_close(total, expected)


def test_everything_learns(network: IdolNetwork) -> None:
    """Every decoder layer has its own share of the losses."""
    network.zero_grad()
    losses(network, squares())["loss"].backward()
    silent = [name for name, parameter in network.named_parameters() if parameter.grad is None]
    assert silent == []
    network.zero_grad()


def test_detection_looks_at_the_key_frame_only(network: IdolNetwork) -> None:
    """Changing masks, boxes and image of the later frame moves the losses of embeddings, and nothing else."""
    batch = squares()
    changed = {name: batch[name].clone() for name in ("images", "boxes", "masks")}
    changed["images"][:, 1] = 255 - changed["images"][:, 1]
    changed["boxes"][:, 1] += 4
    changed["masks"][:, 1] = False
    first, second = losses(network, batch), losses(network, batch | changed)
    same = {name for name in WEIGHTS if first[name] == second[name]}
    assert same == {"class", "box", "giou", "mask", "dice"}


def test_objects_out_of_sight_do_not_count(network: IdolNetwork) -> None:
    """In the key frame not at all; in the reference frame alone they have no embedding to be like."""
    batch = squares()
    hidden = batch["visible"].clone()
    hidden[:, :, 1] = False
    first = {key: batch[key][:, :, :1] for key in ("masks", "boxes", "visible")}
    expected = losses(network, batch | first, labels=batch["labels"][:, :1])
    found = losses(network, batch, visible=hidden)
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value)
    hidden = batch["visible"].clone()
    hidden[:, 1] = False
    found = losses(network, batch, visible=hidden)
    assert found["reid"] == found["reid_cosine"] == 0
    assert found["mask"] == losses(network, batch)["mask"]


def test_padding_pixels_do_not_count(network: IdolNetwork) -> None:
    batch = squares()
    sizes = torch.tensor([64, 90]).expand(2, 2, 2)
    changed = batch["images"].clone()
    changed[..., 90:] = 255
    expected = losses(network, batch, sizes=sizes)["loss"]
    torch.testing.assert_close(losses(network, batch, sizes=sizes, images=changed)["loss"], expected)


def test_a_batch_without_objects(network: IdolNetwork) -> None:
    batch = squares()
    found = losses(network, batch, visible=torch.zeros_like(batch["visible"]))
    assert {name for name in WEIGHTS if found[name] == 0} == WEIGHTS.keys() - {"class"}
    found["loss"].backward()
    gradients = [parameter.grad for parameter in network.parameters() if parameter.grad is not None]
    assert all(gradient.isfinite().all() for gradient in gradients)
    network.zero_grad()


def test_iteration_decides_the_negatives() -> None:
    """Of many queries a few are drawn."""
    network = small_network(queries=60)
    batch = squares()
    first, again = (losses(network, batch)["reid_cosine"] for _ in range(2))
    other = losses(network, batch, iteration=batch["iteration"] + 1)["reid_cosine"]
    assert first == again
    assert first != other
