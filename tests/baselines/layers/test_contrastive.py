"""The contrastive losses against the official code's own numbers, against their formulas, and at the edges."""

import math
from typing import NamedTuple

import numpy as np
import pytest
import torch
from parity import load_fixture
from torch import Tensor

from baselines.layers.contrastive import contrastive_loss, cosine_loss, draw_negatives
from baselines.layers.sim_ota import assignment_cost, cheapest, sim_ota


class Items(NamedTuple):
    """The objects of an image that are visible in both frames: embeddings, and what the reference frame's are."""

    keys: Tensor
    others: Tensor
    positive: Tensor
    negative: Tensor


def official_items(number: int) -> Items:
    npz, _ = load_fixture("idol_losses", "idol")
    found = {
        name: torch.from_numpy(npz[f"b{number}_{name}"])[None]
        for name in ("pred_logits", "pred_boxes", "gt_labels", "gt_boxes", "hs_key", "hs_ref", "valid")
    }
    probabilities, boxes, objects = found["pred_logits"].sigmoid(), found["pred_boxes"], found["gt_boxes"]
    everything = torch.ones_like(found["valid"])
    cost = assignment_cost(probabilities, boxes, found["gt_labels"], objects, everything)
    matched, cost = sim_ota(cost, boxes, objects, everything, 10)
    best, visible = cheapest(cost, matched)[0], found["valid"]
    cost = assignment_cost(probabilities, boxes, found["gt_labels"], objects, visible)
    positive, cost = sim_ota(cost, boxes, objects, visible, 10)
    near, _ = sim_ota(cost, boxes, objects, visible, 100)
    rows = visible[0]
    return Items(found["hs_key"][0][best][rows], found["hs_ref"][0], positive[0].T[rows], ~near[0].T[rows])


def cosines_of(items: Items) -> Tensor:
    return torch.nn.functional.normalize(items.keys) @ torch.nn.functional.normalize(items.others).T


def test_equals_the_official_code() -> None:
    """Item by item, positives and negatives in order of their queries, the drawn ones in order of the draw."""
    npz, _ = load_fixture("idol_losses", "idol")
    images = [official_items(0), official_items(1)]
    losses, auxiliary, number = [], [], 0
    for items in images:
        products, cosines = items.keys @ items.others.T, cosines_of(items)
        for row, (positive, negative) in enumerate(zip(items.positive, items.negative, strict=True)):
            both = torch.cat((products[row][positive], products[row][negative]))
            np.testing.assert_allclose(both, npz[f"item{number}_contrast"], rtol=1e-4, atol=1e-5)
            draws = torch.from_numpy(npz[f"item{number}_neg_draws"])
            expected = torch.cat((cosines[row][positive], cosines[row][negative][draws]))
            np.testing.assert_allclose(expected, npz[f"item{number}_aux_cosine"], rtol=1e-4, atol=1e-6)
            drawn = torch.zeros_like(negative)
            drawn[negative.nonzero()[draws, 0]] = True
            losses.append(contrastive_loss(products[row : row + 1], positive[None], negative[None]))
            auxiliary.append(cosine_loss(cosines[row : row + 1], positive[None], drawn[None]))
            number += 1
    assert number == npz["n_items"]
    assert torch.cat(losses).mean().item() == pytest.approx(float(npz["loss_reid_f64"]), rel=1e-5)
    assert torch.cat(auxiliary).mean().item() == pytest.approx(float(npz["loss_reid_aux_f64"]), rel=1e-5)


def test_all_rows_together_equal_each_alone() -> None:
    items = official_items(1)
    products = items.keys @ items.others.T
    together = contrastive_loss(products, items.positive, items.negative)
    alone = [
        contrastive_loss(products[row : row + 1], items.positive[row : row + 1], items.negative[row : row + 1])
        for row in range(len(products))
    ]
    torch.testing.assert_close(together, torch.cat(alone))


def test_two_pairs_by_hand() -> None:
    products = torch.tensor([[1.0, 2.0, 0.5, 9.0]])
    positive = torch.tensor([[True, False, True, False]])
    negative = torch.tensor([[False, True, False, False]])
    expected = math.log(1 + math.exp(2 - 1) + math.exp(2 - 0.5))
    assert contrastive_loss(products, positive, negative).item() == pytest.approx(expected)
    assert cosine_loss(products, positive, negative).item() == pytest.approx((0 + 4 + 0.25) / 3)


def test_without_negatives_there_is_nothing_to_learn() -> None:
    """A small network may have no query that is far from an object: no loss, and gradients of zero."""
    products = torch.randn(2, 3, requires_grad=True)
    positive = torch.tensor([[True, False, False], [True, True, True]])
    loss = contrastive_loss(products, positive, torch.zeros_like(positive))
    assert loss.tolist() == [0, 0]
    loss.sum().backward()
    assert products.grad is not None
    assert products.grad.tolist() == [[0, 0, 0], [0, 0, 0]]


def test_draws_ten_for_each_positive() -> None:
    positive = torch.zeros(3, 100, dtype=torch.bool)
    positive[0, :2] = positive[1, 0] = positive[2, :50] = True
    negative = ~positive
    drawn = draw_negatives(positive, negative, torch.Generator().manual_seed(3))
    assert drawn.sum(dim=1).tolist() == [20, 10, 50]
    assert not (drawn & positive).any()
    again, other = (draw_negatives(positive, negative, torch.Generator().manual_seed(seed)) for seed in (3, 4))
    assert (again == drawn).all() and (other != drawn).any()
