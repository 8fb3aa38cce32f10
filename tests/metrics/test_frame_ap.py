from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import make_dataset, rectangle

from instmove.masks import Rle
from instmove.metrics.frame_ap import FrameObjects, frame_truths, mask_ap50

LEFT, RIGHT = rectangle(2, 5, 12, 10), rectangle(30, 5, 12, 10)
assert LEFT and RIGHT


def frame(*objects: tuple[int, Rle, float]) -> FrameObjects:
    categories, rles, scores = zip(*objects, strict=True) if objects else ((), (), ())
    return FrameObjects(categories, rles, scores)


def true(*objects: tuple[int, Rle]) -> FrameObjects:
    return FrameObjects([category for category, _ in objects], [rle for _, rle in objects])


def test_every_frame_is_an_image() -> None:
    truths = [true((1, LEFT)), true((1, RIGHT))]
    assert mask_ap50(truths, [frame((1, LEFT, 0.9)), frame((1, RIGHT, 0.8))]) == 1
    assert mask_ap50(truths, [frame((1, RIGHT, 0.9)), frame((1, LEFT, 0.8))]) == 0


def test_false_detections_count_where_nothing_is_true() -> None:
    truths = [true((1, LEFT)), true()]
    found = [frame((1, LEFT, 0.5)), frame((1, RIGHT, 0.9))]
    assert mask_ap50(truths, found) == pytest.approx(0.5)


def test_categories_are_apart_and_weigh_the_same() -> None:
    truths = [true((1, LEFT), (2, RIGHT))]
    assert mask_ap50(truths, [frame((1, LEFT, 0.9), (1, RIGHT, 0.8), (3, LEFT, 0.9))]) == pytest.approx(0.5)


def test_without_truth_there_is_no_value_and_without_detections_none_is_found() -> None:
    assert np.isnan(mask_ap50([true()], [frame((1, LEFT, 0.9))]))
    assert mask_ap50([true((1, LEFT))], [frame()]) == 0


def test_a_crowd_is_neither_found_nor_missed() -> None:
    truths = [FrameObjects([1, 1], [LEFT, RIGHT], crowd=[False, True])]
    assert mask_ap50(truths, [frame((1, RIGHT, 0.9), (1, LEFT, 0.8))]) == pytest.approx(1)


def test_a_category_with_nothing_but_crowds_has_no_say() -> None:
    truths = [FrameObjects([1, 2], [LEFT, RIGHT], crowd=[False, True])]
    assert mask_ap50(truths, [frame((1, LEFT, 0.9))]) == pytest.approx(1)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 99)), min_size=1, max_size=12))
def test_it_is_the_area_under_the_envelope(found: list[tuple[bool, int]]) -> None:
    ranked = sorted(found, key=lambda one: -one[1])
    frames = [frame((1, LEFT if hit else RIGHT, score / 100)) for hit, score in ranked]
    hits = np.cumsum([hit for hit, _ in ranked])
    precision, recall = hits / np.arange(1, len(hits) + 1), hits / len(hits)
    expected = np.mean([precision[recall >= level].max(initial=0) for level in np.linspace(0, 1, 101)])
    assert mask_ap50([true((1, LEFT))] * len(frames), frames) == pytest.approx(expected)


def test_truths_of_a_video_are_what_is_visible(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path, videos=1)
    video = dataset.load(dataset.names[0])
    frames = frame_truths(video)
    assert len(frames) == len(video)
    visible = [(t, track.category) for track in video.tracks or () for t in track.visible()]
    assert sorted(visible) == sorted((t, category) for t, shown in enumerate(frames) for category in shown.categories)
    perfect = [FrameObjects(shown.categories, shown.rles, [0.5] * len(shown.rles)) for shown in frames]
    assert mask_ap50(frames, perfect) == pytest.approx(1)
