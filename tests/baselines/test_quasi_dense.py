"""The quasi-dense tracker against the official ones of PCAN and Unicorn: identities exactly."""

from typing import Any

import numpy as np
import pytest
from parity import load_fixture
from scipy.special import softmax

from baselines.interface import Instances
from baselines.quasi_dense import QuasiDenseSettings, QuasiDenseTracker, similarity
from instmove.masks import encode

FRAMES = 16
NAMES = {
    "init_score_thr": "init_score",
    "obj_score_thr": "object_score",
    "match_score_thr": "match_score",
    "memo_tracklet_frames": "tracklet_frames",
    "memo_backdrop_frames": "backdrop_frames",
    "memo_momentum": "momentum",
    "nms_conf_thr": "low_match_score",
    "nms_backdrop_iou_thr": "backdrop_iou",
    "nms_class_iou_thr": "duplicate_iou",
    "with_cats": "with_classes",
    "match_metric": "metric",
}


def settings_of(meta: dict[str, Any], name: str) -> QuasiDenseSettings:
    official = meta["settings"][name]
    if isinstance(official, str):  # "class defaults"
        return QuasiDenseSettings()
    return QuasiDenseSettings(**{NAMES[key]: value for key, value in official.items()})


def detections(npz: dict[str, np.ndarray], t: int) -> Instances:
    boxes, labels = npz[f"t{t:02}_boxes"], npz[f"t{t:02}_labels"]
    scores = np.zeros((len(boxes), 8), dtype=np.float32)
    scores[np.arange(len(boxes)), labels] = boxes[:, 4]
    masks = np.zeros((len(boxes), 4, 4), dtype=bool)
    masks[:, 1, 1] = True
    return Instances(scores, boxes[:, :4], npz[f"t{t:02}_embeds"], masks, tuple(encode(mask) for mask in masks))


@pytest.mark.parametrize(
    ("fixture", "name"),
    [
        ("pcan_tracker", "config"),
        ("pcan_tracker", "classdefault"),
        ("pcan_tracker", "cosine_nocats"),
        ("unicorn_tracker", "mots"),
        ("unicorn_tracker", "mot"),
    ],
)
def test_identities_equal_the_official_ones(fixture, name):
    npz, meta = load_fixture(fixture, "quasi_dense")
    tracker = QuasiDenseTracker(settings_of(meta, name), None)
    for t in range(FRAMES):
        found, prefix = detections(npz, t), f"t{t:02}_{name}_"
        if not len(found):
            continue
        match = tracker.match(t, found)
        tracker.update(t, found, match)
        order = np.argsort(-npz[f"t{t:02}_boxes"][:, 4], kind="stable")
        assert match.ids.tolist() == npz[prefix + "ids"].tolist()
        assert match.rows.tolist() == order[npz[prefix + "valids"].astype(bool)].tolist()
        assert len(tracker.backdrops[0]) == npz[prefix + "n_backdrops"]
        assert list(tracker.tracks) == npz[prefix + "live_ids"].tolist()
        if prefix + "scores" in npz:
            assert match.columns.tolist() == npz[prefix + "memo_ids"].tolist()
            assert match.scores == pytest.approx(npz[prefix + "scores"], abs=1e-5)


class Favour:
    """A plug-in that wants every instance on one track."""

    def __init__(self, track: int, by: float) -> None:
        self.track, self.by, self.remembered = track, by, []

    def score(self, frame, ids, instances, confidence=None):
        return np.array([[self.by * (number == self.track)] * len(instances) for number in ids])

    def remember(self, frame, ids, instances, accepted):
        self.remembered.append((frame, ids.tolist(), accepted.tolist()))


def run(plug_in) -> list[list[int]]:
    npz, meta = load_fixture("pcan_tracker", "quasi_dense")
    tracker = QuasiDenseTracker(settings_of(meta, "config"), plug_in)
    return [tracker.step(t, detections(npz, t)).tolist() for t in range(FRAMES)]


def test_motion_is_added_to_the_score_of_its_track():
    plain, nothing = run(None), run(Favour(0, 0.0))
    assert plain == nothing
    assert run(Favour(3, 5.0)) != plain


def boxes_of(*found: tuple[float, int, int]) -> Instances:
    """Boxes at one place that look alike: (score, class, height)."""
    scores = np.zeros((len(found), 2), dtype=np.float32)
    for row, (score, label, _) in enumerate(found):
        scores[row, label] = score
    boxes = np.array([(0, 0, 10, height) for _, _, height in found], dtype=np.float32)
    masks = np.zeros((len(found), 4, 4), dtype=bool)
    return Instances(scores, boxes, np.ones((len(found), 4), dtype=np.float32), masks, tuple(map(encode, masks)))


@pytest.mark.parametrize(("with_classes", "second"), [(True, 1), (False, 0)])
def test_motion_does_not_pass_the_gate_of_the_class(with_classes, second):
    tracker = QuasiDenseTracker(QuasiDenseSettings(with_classes=with_classes), Favour(0, 5.0))
    assert tracker.step(0, boxes_of((0.9, 0, 10))).tolist() == [0]
    assert tracker.step(1, boxes_of((0.9, 1, 10))).tolist() == [second]


@pytest.mark.parametrize(("score", "kept"), [(0.5, [0, 1]), (0.4375, [0])])
def test_what_reaches_the_score_of_an_object_may_overlap_more(score, kept):
    """The two have an IoU of 0.5, between that of backdrops and that of objects."""
    tracker = QuasiDenseTracker(QuasiDenseSettings(), None)
    assert tracker.match(0, boxes_of((0.9, 0, 10), (score, 0, 5))).rows.tolist() == kept


def test_similarity_of_long_embeddings_is_finite():
    """Their products are beyond what exp can hold in single precision."""
    first, second = (10 * np.random.default_rng(n).normal(size=(3, 8)).astype(np.float32) for n in (0, 1))
    products = (first @ second.T).astype(np.float64)
    assert products.max() > 100
    expected = (softmax(products, axis=0) + softmax(products, axis=1)) / 2
    np.testing.assert_allclose(similarity(first, second, "bisoftmax"), expected, atol=1e-6)


def test_what_has_a_track_is_remembered():
    plug_in = Favour(0, 0.0)
    ids = run(plug_in)
    assert [entry[1] for entry in plug_in.remembered] == [frame for frame in ids if frame]
    assert all(accepted == [number >= 0 for number in numbers] for _, numbers, accepted in plug_in.remembered)
