from dataclasses import replace

import pytest
import torch
from torch import Generator

from baselines.pcan.sampling import BACKGROUND, NEITHER, SamplingRule, Truth, assigned, draw, drawn_rows

RULE = SamplingRule(positive=0.7, negative=0.3, share=0.5)
OBJECTS = torch.tensor([[0.0, 0, 10, 10], [20, 0, 30, 10]])
BOXES = torch.tensor([[0.0, 0, 10, 8], [0, 0, 10, 5], [0, 0, 10, 2], [21, 0, 30, 10], [50, 50, 60, 60]])
"""IoU 0.8, 0.5 and 0.2 with the first object, 0.9 with the second, 0 with both."""


def test_boxes_answer_for_what_they_overlap() -> None:
    assert assigned(BOXES, OBJECTS, RULE).tolist() == [0, NEITHER, BACKGROUND, 1, BACKGROUND]


@pytest.mark.parametrize(("least", "expected"), [(0.4, [0, 0, BACKGROUND]), (0.6, [NEITHER, NEITHER, BACKGROUND])])
def test_the_nearest_boxes_answer_where_none_is_near(least: float, expected: list[int]) -> None:
    """Two at IoU 0.5: both, if that is enough."""
    boxes = torch.stack((BOXES[1], BOXES[1] + torch.tensor([0.0, 5, 0, 5]), BOXES[2]))
    assert assigned(boxes, OBJECTS, replace(RULE, least=least)).tolist() == expected


def test_without_objects_all_is_background() -> None:
    assert assigned(BOXES, torch.zeros(0, 4), RULE).tolist() == [BACKGROUND] * 5


@pytest.mark.parametrize(
    ("count", "share", "ratio", "expected"),
    [(16, 0.5, None, (8, 8)), (16, 0.25, None, (4, 12)), (100, 0.5, None, (10, 50)), (100, 0.5, 3, (10, 30))],
)
def test_how_many_are_drawn(count: int, share: float, ratio: int | None, expected: tuple[int, int]) -> None:
    answers = torch.tensor([0] * 10 + [BACKGROUND] * 50 + [NEITHER] * 20)
    rule = SamplingRule(0.7, 0.3, share, ratio)
    positives, negatives = drawn_rows(answers, count, rule, Generator().manual_seed(0))
    assert (len(positives), len(negatives)) == expected
    assert (answers[positives] == 0).all() and (answers[negatives] == BACKGROUND).all()
    assert len(set(positives.tolist() + negatives.tolist())) == sum(expected)


def test_the_generator_decides_and_every_box_gets_its_turn() -> None:
    answers = torch.zeros(6, dtype=torch.int64)
    draws = [drawn_rows(answers, 4, RULE, Generator().manual_seed(seed))[0].tolist() for seed in range(30)]
    assert draws[7] == drawn_rows(answers, 4, RULE, Generator().manual_seed(7))[0].tolist()
    assert {row for drawn in draws for row in drawn} == set(range(6))


def test_the_objects_own_boxes_are_candidates() -> None:
    truth = Truth(OBJECTS, torch.tensor([3, 4]), torch.zeros(2, 64, 64, dtype=torch.bool), torch.arange(2))
    drawn = draw(BOXES, truth, 100, RULE, Generator())
    assert drawn.objects.tolist() == [0, 1, 0, 1]
    torch.testing.assert_close(drawn.positives, torch.stack((*OBJECTS, BOXES[0], BOXES[3])))
    assert len(drawn.boxes) == 6
