"""pycocotools is the independent check: of the accumulation, of its ties, of weights as copies of images."""

import contextlib
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import HEIGHT, WIDTH, rectangle
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval, Params

from instmove import masks
from instmove.masks import Rle
from instmove.metrics import accumulation, coco

Sample = tuple[int, int, int, float, Rle, Rle]
"""Video, frame, category, score, prediction, truth."""


def made_samples(seed: int, number: int, videos: int = 3, levels: int | None = None) -> list[Sample]:
    """Random samples ordered by (video, frame); with ``levels``, scores have that many values and so many ties."""
    generator = np.random.default_rng(seed)
    samples = []
    for _ in range(number):
        x, y = generator.uniform(0, 20, 2)
        dx, dy = generator.normal(0, 1.5, 2)
        truth, prediction = rectangle(x, y, 10, 10), rectangle(max(0, x + dx), max(0, y + dy), 10, 10)
        assert truth and prediction
        score = generator.random() if levels is None else float(generator.integers(levels))
        video, frame, category = (int(generator.integers(n)) for n in (videos, 3, 3))
        samples.append((video, frame, category, float(score), prediction, truth))
    return sorted(samples, key=lambda sample: sample[:2])


def official_ap(samples: list[Sample], copies: list[int]) -> float:
    """COCOeval's AP when every image of video v stands copies[v] times, its copies one after another."""
    expanded = [
        ((video, frame, copy), category, score, prediction, truth)
        for video, frame, category, score, prediction, truth in samples
        for copy in range(copies[video])
    ]
    images = sorted({image for image, *_ in expanded})
    with contextlib.redirect_stdout(io.StringIO()):
        truth, found = COCO(), COCO()
        for index, mask in ((truth, -1), (found, -2)):
            index.dataset = {
                "images": [{"id": n, "height": HEIGHT, "width": WIDTH} for n in range(len(images))],
                "categories": [{"id": category} for category in range(3)],
                "annotations": [
                    {
                        "id": number + 1,
                        "image_id": images.index(row[0]),
                        "category_id": row[1],
                        "score": row[2],
                        "segmentation": row[mask],
                        "area": masks.area(row[mask]),
                        "iscrowd": 0,
                    }
                    for number, row in enumerate(expanded)
                ],
            }
            index.createIndex()
        evaluation = COCOeval(truth, found, "segm")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return float(evaluation.stats[0])


def our_ap(samples: list[Sample], weights: list[list[int]]) -> np.ndarray:
    video, frame, category, score = (np.array(column) for column in list(zip(*samples, strict=True))[:4])
    hits = coco.match(video * 10 + frame, category, score, [s[4] for s in samples], [s[5] for s in samples])
    order = np.argsort(-score, kind="stable")
    return coco.average_precision(hits[order], category[order], video[order], np.array(weights))


@pytest.mark.parametrize("levels", [None, 1, 4])
@pytest.mark.parametrize("number", [1, 2, 20, 150])
def test_with_all_weights_one_it_is_cocoeval(number: int, levels: int | None) -> None:
    for seed in range(3):
        samples = made_samples(seed, number, levels=levels)
        assert our_ap(samples, [[1, 1, 1]])[0] == pytest.approx(official_ap(samples, [1, 1, 1]), abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 25), st.lists(st.integers(0, 3), min_size=3, max_size=3))
def test_a_weight_is_that_many_copies_of_the_video(seed: int, number: int, weights: list[int]) -> None:
    samples = made_samples(seed, number)
    ours = our_ap(samples, [weights])[0]
    if not any(weights[video] for video, *_ in samples):
        assert np.isnan(ours)
    else:
        assert ours == pytest.approx(official_ap(samples, weights), abs=1e-12)


def test_recalls_that_a_share_hits_exactly_round_as_in_cocoeval() -> None:
    # with n truths, recall k/n meets k/n of the 101 recalls exactly, up to a last bit that goes either way
    for number in (20, 50, 100):
        samples = [(0, 0, 0, 1 - i / 1000, *made_samples(i, 1)[0][4:]) for i in range(number)]
        spread = [(0, frame, *rest) for frame, (_, _, *rest) in enumerate(samples)]
        assert our_ap(spread, [[1]])[0] == pytest.approx(official_ap(spread, [1]), abs=1e-12)


@pytest.mark.parametrize("block", [1, 7, 1000])
def test_the_size_of_the_blocks_does_not_matter(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    samples = made_samples(0, 60)
    weights = np.random.default_rng(0).integers(0, 4, (200, 3)).tolist()
    whole = our_ap(samples, weights)
    monkeypatch.setattr(accumulation, "BLOCK", block)
    np.testing.assert_allclose(our_ap(samples, weights), whole, rtol=1e-12)


def test_thresholds_and_recalls_are_those_of_pycocotools() -> None:
    official = Params("segm")
    np.testing.assert_array_equal(coco.THRESHOLDS, official.iouThrs)
    np.testing.assert_array_equal(accumulation.RECALLS, official.recThrs)
