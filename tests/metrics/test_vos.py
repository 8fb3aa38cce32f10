"""J and F against the official evaluator's numbers, and the crop against the official functions on full frames."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from real_data import real_data
from segmetric.metrics import db_eval_boundary, db_eval_iou

from instmove.datasets.labels import VOID, read_binary, split_ids
from instmove.datasets.vos_results import read_result
from instmove.masks import encode
from instmove.metrics.vos import (
    ObjectScores,
    score_sequence,
    scored_frames,
    summarise,
    tolerance,
)
from instmove.metrics.vos_result import STATISTICS, vos_result
from instmove.video import Track, Video

DAVIS = Path(__file__).parents[1] / "reference" / "davis"
NAMES = {"j_and_f": "J&F-Mean"} | {
    f"{m}_{s}": f"{m.upper()}-{s.title()}" for m in "jf" for s in ("mean", "recall", "decay")
}


def any_palette(path: Path, height: int, width: int) -> np.ndarray:
    """The fixture's PNGs have palettes of their own."""
    with Image.open(path) as image:
        return np.asarray(image)


def sequence(folder: Path, height: int, width: int, read=any_palette) -> Video:
    paths = sorted(folder.glob("*.png"))
    labels = {t: read(path, height, width) for t, path in enumerate(paths)}
    tracks = tuple(Track(n, 1, rles, ignored=n == VOID) for n, rles in split_ids(labels, len(paths)).items())
    return Video(1, folder.name, height, width, tuple(paths), tracks)


def size_of(folder: Path) -> tuple[int, int]:
    with Image.open(next(folder.glob("*.png"))) as image:
        return image.height, image.width


def values(objects, protocol) -> dict[str, float]:
    """Every metric, category 1 being seen in training."""
    result = vos_result(objects, frozenset({1}))
    once = np.ones((1, len(result.videos)), dtype=np.int64)
    return {name: float(statistic(result, once)[0]) for name, statistic in STATISTICS[protocol].items()}


@pytest.fixture(scope="module")
def several_objects() -> list[ObjectScores]:
    scored = []
    for folder in sorted((DAVIS / "multi" / "Annotations" / "480p").iterdir()):
        size = size_of(folder)
        truth = sequence(folder, *size)
        found = read_result(DAVIS / "multi" / "res_semi", truth, range(1, len(truth) - 1))
        scored += score_sequence(truth, found, "davis")
    return scored


def test_several_objects_equal_the_official_evaluation(several_objects):
    expected = json.loads((DAVIS / "multi" / "expected.json").read_text())["semi"]
    found = values(several_objects, "davis")
    assert {NAMES[k]: round(v, 6) for k, v in found.items()} == pytest.approx(expected["global"], abs=1e-6)
    assert {f"{o.sequence}_{o.object}" for o in several_objects} == set(expected["per_object"])
    for scores in several_objects:
        official = expected["per_object"][f"{scores.sequence}_{scores.object}"]
        assert scores.j == pytest.approx(official["J_frames"], abs=1e-6)
        assert scores.f == pytest.approx(official["F_frames"], abs=1e-6)
        assert summarise(scores.j).decay == pytest.approx(official["J_decay"], abs=1e-6)


@pytest.mark.parametrize("name", ["blackswan", "parkour"])
def test_real_sequences_equal_the_official_evaluation(name):
    truth_folder = real_data("davis16") / "Annotations" / "480p" / name
    found_folder = real_data("davis17-osvos") / name
    if not truth_folder.is_dir() or not found_folder.is_dir():
        pytest.skip(f"real data has no {name}")
    expected = json.loads((DAVIS / "davis_single_object.json").read_text())["per_object"][f"{name}_1"]
    size = size_of(truth_folder)
    truth = sequence(truth_folder, *size, read=read_binary)
    found = read_result(found_folder.parent, truth, range(1, len(truth) - 1))
    (scores,) = score_sequence(truth, found, "davis")
    assert scores.j == pytest.approx(expected["J_frames"], abs=1e-6)
    assert scores.f == pytest.approx(expected["F_frames"], abs=1e-6)


MASKS = arrays(bool, st.tuples(st.just(2), st.integers(3, 40), st.integers(3, 40)))


@settings(max_examples=60, deadline=None)
@given(MASKS, st.booleans())
def test_crops_give_what_full_frames_give(pair, full):
    if full:
        pair[0] = True  # a mask without a boundary
    _, height, width = pair.shape
    truth = Video(1, "v", height, width, (Path(),) * 3, (Track(1, 1, (encode(pair[0]),) * 3),))
    expected_j, expected_f = db_eval_iou(pair[0], pair[1]), db_eval_boundary(pair[0], pair[1])
    for scores in score_sequence(truth, {1: [None, encode(pair[1]), None]}, "davis"):
        assert scores.j == pytest.approx([expected_j])
        assert scores.f == pytest.approx([expected_f])


def test_an_object_that_was_not_predicted_scores_as_empty():
    mask = np.zeros((10, 12), dtype=bool)
    mask[2:5, 3:8] = True
    truth = Video(1, "v", 10, 12, (Path(),) * 4, (Track(1, 1, (encode(mask), encode(mask), None, encode(mask))),))
    (scores,) = score_sequence(truth, {}, "davis")
    assert scores.frames == (1, 2)
    assert scores.j.tolist() == scores.f.tolist() == [0, 1]


def test_which_frames_are_scored():
    assert scored_frames([0, 1], 5, "davis") == (1, 2, 3)
    assert scored_frames([2, 3], 5, "davis") == ()
    assert scored_frames([2, 3], 5, "ytvos") == (3, 4)
    assert scored_frames([], 5, "ytvos") == ()


def test_tolerance_at_the_benchmarks_sizes():
    assert [tolerance(480, 854), tolerance(480, 910), tolerance(720, 1280)] == [8, 9, 12]


def test_youtube_vos_averages_seen_and_unseen_apart():
    def scores(category: int, j: float, f: float) -> ObjectScores:
        return ObjectScores("v", 1, category, (1,), np.array([j]), np.array([f]))

    found = values([scores(1, 0.2, 0.4), scores(1, 0.4, 0.6), scores(2, 0.8, 1.0)], "ytvos")
    assert found == pytest.approx({"g": 0.65, "j_seen": 0.3, "f_seen": 0.5, "j_unseen": 0.8, "f_unseen": 1.0})
    assert math.isnan(values([scores(1, 0.2, 0.4)], "ytvos")["g"])
