"""The assignment against the official code's own, against its rules one by one, and on the awkward images."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from parity import load_fixture
from torch import Tensor

from baselines.layers.sim_ota import assignment_cost, cheapest, sim_ota


def official_image(number: int) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Probabilities, boxes, labels, objects and valid of one image of the fixture, as a batch of one."""
    npz, _ = load_fixture("idol_losses", "idol")
    names = ("pred_logits", "pred_boxes", "gt_labels", "gt_boxes")
    logits, boxes, labels, objects = (torch.from_numpy(npz[f"b{number}_{name}"])[None] for name in names)
    return logits.sigmoid(), boxes, labels, objects, torch.ones(labels.shape, dtype=torch.bool)


def assign(image: tuple[Tensor, Tensor, Tensor, Tensor, Tensor], candidates: int = 10) -> tuple[Tensor, Tensor]:
    """The matches, and the cheapest query of every object."""
    _, boxes, _, objects, valid = image
    matched, cost = sim_ota(assignment_cost(*image), boxes, objects, valid, candidates)
    return matched, cheapest(cost, matched)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_equals_the_official_code(number: int) -> None:
    """The third image has no object."""
    npz, _ = load_fixture("idol_losses", "idol")
    matched, best = assign(official_image(number))
    np.testing.assert_array_equal(matched[0].any(dim=1), npz[f"b{number}_simota_selected"])
    np.testing.assert_array_equal(matched[0].nonzero()[:, 1], npz[f"b{number}_simota_gt_of_selected"])
    np.testing.assert_array_equal(best[0], npz[f"b{number}_simota_best_query"])


def test_padding_rows_change_nothing() -> None:
    """Two images of four and seven objects in one batch, rows of no object between those of the first."""
    first, second = official_image(0), official_image(1)
    rows = [0, 2, 3, 6]
    labels, objects = torch.full((2, 7), -1), torch.zeros(2, 7, 4)
    valid = torch.zeros(2, 7, dtype=torch.bool)
    for image, (sample, where) in enumerate(((first, rows), (second, list(range(7))))):
        labels[image, where], objects[image, where], valid[image, where] = sample[2], sample[3], True
    together = (torch.cat((first[0], second[0])), torch.cat((first[1], second[1])), labels, objects, valid)
    matched = assign(together)[0]
    assert not matched[0][:, [1, 4, 5]].any()
    torch.testing.assert_close(matched[0][:, rows], assign(first)[0][0])
    torch.testing.assert_close(matched[1], assign(second)[0][0])


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), queries=st.integers(1, 12), objects=st.integers(0, 5))
def test_every_object_has_a_query(seed: int, queries: int, objects: int) -> None:
    """And a query has one object, but for those that objects without one had to share."""
    generator = torch.Generator().manual_seed(seed)
    boxes = torch.rand(1, queries, 4, generator=generator) * 0.8 + 0.1
    truth = torch.rand(1, objects, 4, generator=generator) * 0.8 + 0.1
    labels = torch.randint(0, 3, (1, objects), generator=generator)
    valid = torch.rand(1, objects, generator=generator) < 0.7
    probabilities = torch.rand(1, queries, 3, generator=generator)
    matched, best = assign((probabilities, boxes, labels, truth, valid))
    torch.testing.assert_close(matched[0].any(dim=0), valid[0])
    shared = matched[0].sum(dim=1) > 1
    assert (matched[0][shared].int() <= (matched[0].sum(dim=0) == 1).int()).all()
    assert matched[0].gather(0, best).logical_or(~valid).all()


def test_as_many_queries_as_overlap() -> None:
    """Three boxes on the object and two far away: the overlaps of the best sum up to 2.6, so two answer."""
    objects = torch.tensor([[[0.5, 0.5, 0.4, 0.4]]])
    boxes = torch.tensor([[[0.5, 0.5, 0.4, 0.4], [0.5, 0.5, 0.4, 0.32], [0.5, 0.5, 0.32, 0.4], [0.1, 0.1, 0.1, 0.1]]])
    boxes = torch.cat((boxes, boxes[:, 3:]), dim=1)
    image = (torch.full((1, 5, 1), 0.5), boxes, torch.zeros(1, 1, dtype=torch.int64), objects)
    valid = torch.ones(1, 1, dtype=torch.bool)
    matched = assign((*image, valid))[0]
    assert matched[0, :, 0].sum() == 2
    assert matched[0, 0, 0] and not matched[0, 3:].any()
    assert assign((*image, valid), candidates=1)[0][0, :, 0].tolist() == [True, False, False, False, False]


def test_a_query_in_the_middle_is_cheaper() -> None:
    """By a hundred than one at the side of the object, and that by ten thousand than one that is nowhere."""
    objects = torch.tensor([[[0.5, 0.5, 0.6, 0.6]]])
    centres = torch.tensor([[0.57, 0.5], [0.59, 0.5], [0.81, 0.5]])
    boxes = torch.cat((centres, torch.full((3, 2), 0.2)), dim=1)[None]
    valid = torch.ones(1, 1, dtype=torch.bool)
    cost = assignment_cost(torch.full((1, 3, 1), 0.5), boxes, torch.zeros(1, 1, dtype=torch.int64), objects, valid)
    assert (cost[0].diff(dim=0) / torch.tensor([[100.0], [10_000.0]])).round().tolist() == [[1.0], [1.0]]


def test_a_query_on_the_side_of_an_object_is_nowhere() -> None:
    """All numbers are exact: the object reaches from 1/4 to 3/4."""
    objects = torch.tensor([[[0.5, 0.5, 0.5, 0.5]]])
    for side in (0.25, 0.75):
        boxes = torch.tensor([[[side, 0.5, 0.25, 0.25], [(side + 0.5) / 2, 0.5, 0.25, 0.25]]])
        rest = (torch.zeros(1, 1, dtype=torch.int64), objects, torch.ones(1, 1, dtype=torch.bool))
        on_it, inside = assignment_cost(torch.full((1, 2, 1), 0.5), boxes, *rest)[0, :, 0]
        assert on_it - inside > 9000
