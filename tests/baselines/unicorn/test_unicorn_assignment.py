"""SimOTA against a plain loop over objects and locations."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from baselines.layers.locations import Locations, locations_of
from baselines.unicorn.assignment import Objects, Positives, assign
from baselines.unicorn.head import Predictions, boxes_of

HEIGHT, WIDTH = 32, 64
CLASSES = 3


def locations() -> Locations:
    return locations_of([torch.zeros(1, 1, HEIGHT // stride, WIDTH // stride) for stride in (8, 16)], 8)


def predictions(seed: int) -> Predictions:
    generator = torch.Generator().manual_seed(seed)
    count = len(locations().points)
    drawn = torch.randn(1, count, 5 + CLASSES, generator=generator, dtype=torch.float64)
    return Predictions(drawn[..., :4] * 0.5, drawn[..., 4], drawn[..., 5:], torch.zeros(1, count, 169))


def objects(corners: list[tuple[int, int, int, int]], labels: list[int]) -> Objects:
    boxes = [(min(x, u), min(y, v), max(x, u) + 1, max(y, v) + 1) for x, y, u, v in corners]
    masks = torch.zeros(len(boxes), HEIGHT, WIDTH, dtype=torch.bool)
    return Objects(torch.tensor(labels), torch.tensor(boxes, dtype=torch.float64).view(-1, 4), masks)


def iou(one: np.ndarray, other: np.ndarray) -> float:
    sides = np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])
    both = sides.clip(0).prod()
    return both / ((one[2:] - one[:2]).prod() + (other[2:] - other[:2]).prod() - both)


def expected(given: Predictions, where: Locations, truth: Objects) -> dict[int, tuple[int, float]]:
    """Location -> object and overlap, written from the paper of YOLOX and the authors' constants."""
    points, strides = where.points.numpy(), where.strides.numpy()
    found = boxes_of(given.offsets[0], where).numpy()
    probability = np.sqrt(given.logits[0].sigmoid().numpy() * given.objectness[0].sigmoid().numpy()[:, None])
    boxes, labels = truth.boxes.numpy(), truth.labels.numpy()
    inside = np.zeros((len(boxes), len(points), 2), dtype=bool)
    cost = np.full((len(boxes), len(points)), np.inf)
    overlaps = np.zeros_like(cost)
    for n, box in enumerate(boxes):
        for p, point in enumerate(points):
            inside[n, p, 0] = (point > box[:2]).all() and (point < box[2:]).all()
            inside[n, p, 1] = (np.abs(point - (box[:2] + box[2:]) / 2) < 2.5 * strides[p]).all()
    for p in np.flatnonzero(inside.any(axis=(0, 2))):
        for n, box in enumerate(boxes):
            overlaps[n, p] = iou(box, found[p])
            wanted = np.arange(CLASSES) == labels[n]
            entropy = -np.log(np.where(wanted, probability[p], 1 - probability[p])).sum()
            cost[n, p] = entropy - 3 * np.log(overlaps[n, p] + 1e-8) + 1e5 * (not inside[n, p].all())
    wanting: dict[int, list[int]] = {}
    for n in range(len(boxes)):
        amount = max(int(np.sort(overlaps[n])[::-1][:10].sum()), 1)
        for p in np.argsort(cost[n])[:amount]:
            wanting.setdefault(int(p), []).append(n)
    owners = {p: owners[0] if len(owners) == 1 else int(cost[:, p].argmin()) for p, owners in wanting.items()}
    return {p: (n, overlaps[n, p]) for p, n in owners.items()}


def as_dict(positives: Positives) -> dict[int, tuple[int, float]]:
    return {
        int(row): (int(number), float(overlap))
        for row, number, overlap in zip(positives.rows, positives.objects, positives.overlaps, strict=True)
    }


BOX = st.tuples(st.integers(0, 62), st.integers(0, 30), st.integers(0, 62), st.integers(0, 30))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(BOX, st.integers(0, CLASSES - 1)), min_size=1, max_size=5), st.integers(0, 2**16))
def test_locations_and_their_objects(truth: list[tuple[tuple[int, int, int, int], int]], seed: int) -> None:
    target = objects([box for box, _ in truth], [label for _, label in truth])
    given = predictions(seed)
    found = as_dict(assign(given, 0, locations(), target))
    wanted = expected(given, locations(), target)
    assert {row: number for row, (number, _) in found.items()} == {row: number for row, (number, _) in wanted.items()}
    for row, (_, overlap) in found.items():
        assert abs(overlap - wanted[row][1]) < 1e-9


def test_an_image_without_objects_has_no_positives() -> None:
    assert as_dict(assign(predictions(0), 0, locations(), objects([], []))) == {}
