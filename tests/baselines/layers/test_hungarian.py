"""The matcher against all permutations."""

from itertools import permutations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from baselines.layers.hungarian import Objects, match
from baselines.layers.point_losses import random_points, sample

POINTS = 50


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def problem(seed: int, images: int, queries: int, objects: int) -> tuple[Tensor, Tensor, Objects]:
    generator = seeded(seed)
    logits = torch.randn(images, queries, 4, generator=generator)
    masks = 2 * torch.randn(images, queries, 8, 8, generator=generator)
    truth = (torch.rand(images, objects, 16, 16, generator=generator) < 0.4).float()
    valid = torch.rand(images, objects, generator=generator) < 0.7
    labels = torch.randint(0, 3, (images, objects), generator=generator).where(valid, torch.tensor(-1))
    return logits, masks, Objects(labels, truth, valid)


def cost_of_pair(logits: Tensor, mask: Tensor, label: int, truth: Tensor, where: Tensor) -> float:
    predicted, annotated = sample(mask[None, None], where)[0, 0], sample(truth[None, None], where)[0, 0]
    p = predicted.sigmoid()
    dice = 1 - (2 * (p * annotated).sum() + 1) / (p.sum() + annotated.sum() + 1)
    entropy = F.binary_cross_entropy(p, annotated)
    return float(-2 * logits.softmax(0)[label] + 5 * entropy + 5 * dice)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 3), st.integers(3, 4), st.integers(0, 3))
def test_cheapest_of_all_assignments(seed: int, images: int, queries: int, objects: int) -> None:
    logits, masks, annotated = problem(seed, images, queries, objects)
    found = match(logits, masks, annotated, POINTS, seeded(seed + 1))
    where = random_points(images, POINTS, seeded(seed + 1))
    for b in range(images):
        rows = annotated.valid[b].nonzero()[:, 0].tolist()

        def total(chosen: tuple[int, ...], b: int = b, rows: list[int] = rows) -> float:
            pairs = zip(chosen, rows, strict=True)
            labels, truth = annotated.labels[b], annotated.masks[b]
            return sum(
                cost_of_pair(logits[b, q], masks[b, q], int(labels[n]), truth[n], where[b : b + 1]) for q, n in pairs
            )

        here = found.image == b
        query_of = dict(zip(found.target[here].tolist(), found.query[here].tolist(), strict=True))
        assert sorted(query_of) == rows
        best = min(permutations(range(queries), len(rows)), key=total)
        assert abs(total(tuple(query_of[n] for n in rows)) - total(best)) < 1e-4


def test_more_objects_than_queries() -> None:
    logits, masks, annotated = problem(0, 2, 3, 7)
    everything = annotated._replace(labels=annotated.labels.clamp(min=0), valid=torch.ones(2, 7, dtype=torch.bool))
    found = match(logits, masks, everything, POINTS, seeded(0))
    assert found.image.tolist() == [0, 0, 0, 1, 1, 1]
    assert sorted(found.query[:3].tolist()) == [0, 1, 2]
    assert len(set(found.target[:3].tolist())) == 3


def test_nothing_to_match() -> None:
    logits, masks, annotated = problem(0, 2, 3, 0)
    assert all(len(indices) == 0 for indices in match(logits, masks, annotated, POINTS, seeded(0)))


def test_a_diverged_network_is_no_error_here() -> None:
    """Its loss says so, and stops the training loop with words."""
    logits, masks, annotated = problem(1, 1, 3, 2)
    found = match(logits, masks * torch.nan, annotated, POINTS, seeded(0))
    assert len(found.query) == int(annotated.valid.sum())
