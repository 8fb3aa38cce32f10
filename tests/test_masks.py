from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pycocotools import mask as coco

from instmove import masks
from instmove.errors import InstMoveError
from instmove.masks import Rle

relaxed = settings(deadline=None)
sides = st.integers(1, 40)
mask_arrays = st.tuples(sides, sides).flatmap(lambda shape: hnp.arrays(bool, shape))
noise = st.tuples(sides, sides, st.integers(0, 2**32 - 1), st.floats(0, 1)).map(
    lambda drawn: np.random.default_rng(drawn[2]).random(drawn[:2]) < drawn[3]
)


def official_runs(mask: np.ndarray) -> list[int]:
    """Run lengths by definition: column by column, background first."""
    flat = np.concatenate(([False], mask.ravel(order="F")))
    edges = np.flatnonzero(np.diff(flat.astype(np.int8)))
    return np.diff([0, *edges, mask.size]).tolist()


@relaxed
@given(st.one_of(mask_arrays, noise))
@example(np.zeros((3, 4), bool))
@example(np.ones((3, 4), bool))
def test_encoding_round_trips_and_runs_are_right(mask: np.ndarray) -> None:
    rle = masks.encode(mask)
    assert np.array_equal(masks.decode(rle), mask) and masks.decode(rle).dtype == bool
    runs = masks.run_lengths(rle["counts"]).tolist()
    expected = official_runs(mask)
    assert runs == expected or (runs == expected[: len(runs)] and not any(expected[len(runs) :]))
    assert masks.check(rle, *mask.shape, "here") is rle
    assert masks.area(rle) == mask.sum()


@relaxed
@given(st.lists(st.integers(0, 5000), min_size=1, max_size=30))
def test_run_lengths_are_those_pycocotools_compressed(runs: list[int]) -> None:
    rle = coco.frPyObjects({"size": [1, sum(runs)], "counts": runs}, 1, sum(runs))
    assert masks.run_lengths(rle["counts"].decode()).tolist() == runs


def test_long_runs_survive() -> None:
    mask = np.zeros((1080, 1920), dtype=bool)
    mask[-1, -1] = True
    assert masks.run_lengths(masks.encode(mask)["counts"]).tolist() == [1080 * 1920 - 1, 1]


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(min_codepoint=40, max_codepoint=120), max_size=14))
def test_any_text_is_refused_or_decodes_as_pycocotools_does(counts: str) -> None:
    """pycocotools reads out of bounds on broken strings, so only what passes the check may reach it."""
    rle: Rle = {"size": [6, 7], "counts": counts}
    try:
        masks.check(rle, 6, 7, "here")
    except InstMoveError as error:
        assert str(error).startswith("here: broken RLE, ") and "\n" not in str(error)
        return
    runs = masks.run_lengths(counts)
    assert runs.sum() == 42 and runs.min() >= 0
    flat = np.repeat(np.arange(runs.size) % 2 == 1, runs)
    assert np.array_equal(masks.decode(rle), flat.reshape(7, 6).T)


@relaxed
@given(noise, st.data())
def test_one_changed_character_is_refused_or_still_a_mask(mask: np.ndarray, data: st.DataObject) -> None:
    rle = masks.encode(mask)
    place = data.draw(st.integers(0, len(rle["counts"]) - 1))
    character = chr(data.draw(st.integers(48, 111)))
    broken: Rle = {"size": rle["size"], "counts": rle["counts"][:place] + character + rle["counts"][place + 1 :]}
    try:
        masks.check(broken, *mask.shape, "here")
    except InstMoveError:
        return
    assert masks.decode(broken).shape == mask.shape


@pytest.mark.parametrize(
    ("size", "counts", "says"),
    [
        ([4, 5], "`0", r"mask of size \[4, 5\] in a frame of \[4, 4\]"),
        ([4, 4], "", "outside the COCO alphabet"),
        ([4, 4], "é", "broken RLE"),
        ([4, 4], "`", "stops in the middle"),
        ([4, 4], "oooooooo0", "too long"),
        ([4, 4], "O", "cover -1 of 16"),
        ([4, 4], "5", "cover 5 of 16"),
    ],
)
def test_broken_encodings_are_named(size: list[int], counts: str, says: str) -> None:
    with pytest.raises(InstMoveError, match=f"^video 3: .*{says}"):
        masks.check({"size": size, "counts": counts}, 4, 4, "video 3")


@relaxed
@given(noise)
def test_boxes_are_tight(mask: np.ndarray) -> None:
    rows, columns = np.nonzero(mask)
    box = masks.box_of_mask(mask)
    if rows.size == 0:
        assert box is None and masks.box_of_rle(masks.encode(mask)) == (0, 0, 0, 0)
        return
    assert box == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    x0, y0, x1, y1 = box
    assert masks.box_of_rle(masks.encode(mask)) == (x0, y0, x1 - x0, y1 - y0)


@relaxed
@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.integers(1, 3))
def test_both_ious_are_intersection_over_union(seed: int, first: int, second: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = (rng.random((n, 5, 6)) < rng.choice([0, 0.3, 0.8]) for n in (first, second))
    expected = [[(x & y).sum() / max(1, (x | y).sum()) for y in b] for x in a]
    assert np.allclose(masks.mask_iou(a, b), expected)
    assert np.allclose(masks.rle_iou([masks.encode(x) for x in a], [masks.encode(y) for y in b]), expected)
    smooth = [[((x & y).sum() + 0.5) / ((x | y).sum() + 0.5) for y in b] for x in a]
    assert np.allclose(masks.mask_iou(a, b, smooth=0.5), smooth)


def test_ious_of_nothing_have_the_right_shape() -> None:
    some = np.ones((2, 3, 3), dtype=bool)
    assert masks.mask_iou(some[:0], some).shape == (0, 2)
    assert masks.mask_iou(some, some[:0]).shape == (2, 0)
    assert masks.mask_iou(some[:0], some[:0]).shape == (0, 0)
    assert masks.rle_iou([], [masks.encode(some[0])]).shape == (0, 1)
    assert masks.rle_iou([masks.encode(some[0])], []).shape == (1, 0)


@settings(max_examples=25, deadline=None)
@given(noise, sides, sides)
def test_nearest_resize_is_exact(mask: np.ndarray, height: int, width: int) -> None:
    resized = masks.resize_nearest(mask, height, width)
    assert resized.shape == (height, width)
    for y in range(height):
        for x in range(0, width, 3):
            assert (
                resized[y, x] == mask[Fraction(y, height) * mask.shape[0] // 1, Fraction(x, width) * mask.shape[1] // 1]
            )


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_nearest_resize_by_whole_factors_is_torch_s(factor: int) -> None:
    import torch

    mask = np.random.default_rng(0).random((12, 18)) < 0.5
    for size in ((12 * factor, 18 * factor), (12 // factor, 18 // factor)):
        official = torch.nn.functional.interpolate(torch.from_numpy(mask)[None, None].float(), size=size)[0, 0] > 0
        assert np.array_equal(masks.resize_nearest(mask, *size), official.numpy())


@pytest.mark.parametrize(
    ("height", "width", "longest", "expected"),
    [(480, 854, 96, (54, 96)), (854, 480, 96, (96, 54)), (10, 10, 384, (384, 384)), (1, 1000, 100, (1, 100))],
)
def test_grid_size(height: int, width: int, longest: int, expected: tuple[int, int]) -> None:
    assert masks.grid_size(height, width, longest) == expected


@relaxed
@given(mask_arrays, st.data())
def test_part_of_a_mask_is_that_part_of_it(mask: np.ndarray, data: st.DataObject) -> None:
    rows, columns = (
        slice(*sorted(data.draw(st.lists(st.integers(0, side), min_size=2, max_size=2)))) for side in mask.shape
    )
    assert np.array_equal(masks.decode_box(masks.encode(mask), rows, columns), mask[rows, columns].T)


@given(seed=st.integers(0, 2**32 - 1), count=st.integers(0, 5))
def test_disjoint_masks_leave_each_pixel_to_the_first_that_has_it(seed: int, count: int) -> None:
    drawn = np.random.default_rng(seed).random((count, 9, 7)) < 0.4
    first = np.where(drawn.any(axis=0), drawn.argmax(axis=0), -1) if count else np.full((9, 7), -1)
    for number, rle in enumerate(masks.disjoint([masks.encode(mask) for mask in drawn])):
        np.testing.assert_array_equal(masks.decode(rle), first == number)
