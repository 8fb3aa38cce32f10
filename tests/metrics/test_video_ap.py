"""The official evaluator's numbers, and a textbook AP on dense masks, are the independent checks."""

import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_tracks import matched
from made_up import make_dataset
from numpy.typing import NDArray
from parity import REFERENCE

from instmove import masks
from instmove.datasets.ytvis import read_segmentation
from instmove.errors import InstMoveError
from instmove.metrics import video_ap
from instmove.metrics.bootstrap import draw_weights, estimate
from instmove.metrics.coco import THRESHOLDS
from instmove.metrics.video_ap import AREAS, STATISTICS, TrackPrediction, VideoMatches, pool
from instmove.metrics.video_ap_matching import match_video, measure, track_iou
from instmove.video import Track, Video

HEIGHT, WIDTH = 4, 5
TINY_AREAS = {"all": (0, 1e10), "small": (0, 4), "medium": (4, 8), "large": (8, 1e10)}
Case = tuple[Video, list[TrackPrediction]]


def once(matches: VideoMatches) -> NDArray[np.int64]:
    return np.ones((1, len(matches.videos)), dtype=np.int64)


def reference(name: str) -> list[Case]:
    """The official evaluator's input: videos in the order of their ids, each with its predictions."""
    truth = json.loads((REFERENCE / name / "gt.json").read_text())
    tracks, predictions = defaultdict(list), defaultdict(list)
    sizes = {video["id"]: (video["height"], video["width"]) for video in truth["videos"]}
    for record in truth["annotations"]:
        size = sizes[record["video_id"]]
        rles = tuple(read_segmentation(rle, *size, where=name) for rle in record["segmentations"])
        tracks[record["video_id"]].append(Track(record["id"], record["category_id"], rles, bool(record["iscrowd"])))
    for record in json.loads((REFERENCE / name / "pred.json").read_text()):
        found = TrackPrediction(record["category_id"], record["score"], tuple(record["segmentations"]))
        predictions[record["video_id"]].append(found)
    return [
        (
            Video(v["id"], str(v["id"]), *sizes[v["id"]], (Path(),) * v["length"], tuple(tracks[v["id"]])),
            predictions[v["id"]],
        )
        for v in truth["videos"]
    ]


@pytest.mark.parametrize("name", ["ytvis_x4", "ytvis_full"])
def test_it_equals_the_official_evaluator(name: str) -> None:
    expected = json.loads((REFERENCE / name / "expected.json").read_text())
    matches = pool(match_video(*case) for case in reference(name))
    found = {name: statistic(matches, once(matches))[0] for name, statistic in STATISTICS.items()}
    assert np.nan_to_num(list(found.values()), nan=-1) == pytest.approx(
        [expected["stats"][name] for name in found], abs=1e-6
    )
    assert video_ap.per_threshold(matches) == pytest.approx(expected["AP_per_iou"], abs=1e-6)
    categories = video_ap.per_category(matches)
    for metric in ("AP", "AR1"):
        official = {int(c): value for c, value in expected[f"{metric}_per_category"].items() if value >= 0}
        assert {c: values[metric] for c, values in categories.items()} == pytest.approx(official, abs=1e-6)


@pytest.mark.parametrize("name", ["ytvis_x4", "ytvis_full"])
def test_tracks_overlap_as_in_the_official_evaluator(name: str) -> None:
    expected = json.loads((REFERENCE / name / "expected.json").read_text())["ious_video1"]
    cases = {video.id: (video, predictions) for video, predictions in reference(name)}
    for key, official in expected.items():
        number, category = map(int, key.split("_"))
        video, predictions = cases[number]
        ranked = sorted((p for p in predictions if p.category == category), key=lambda p: -p.score)
        true = measure(video, [track.masks for track in video.tracks or () if track.category == category])
        if true.masks:
            found = track_iou(measure(video, [p.masks for p in ranked]), true)
            np.testing.assert_allclose(found, official, atol=1e-6)


# a textbook evaluation, on pixels


def dense(rles: tuple[masks.Rle | None, ...]) -> NDArray[np.bool_]:
    nothing = np.zeros((HEIGHT, WIDTH), dtype=bool)
    return np.stack([nothing if rle is None else masks.decode(rle) for rle in rles])


def mean_area(volume: NDArray[np.bool_]) -> float:
    areas = [frame.sum() for frame in volume if frame.any()]
    return float(np.mean(areas)) if areas else 0.0


def iou_of(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    return (a & b).sum() / (a | b).sum() if (a | b).any() else 0.0


def verdicts(case: Case, category: int, threshold: float, low: float, high: float) -> tuple[list[tuple], int]:
    """(score, "hit", "miss" or "ignored") of each prediction, best first, and how many truths count."""
    video, predictions = case
    truths = [(dense(t.masks), t.ignored) for t in video.tracks or () if t.category == category]
    counts = [not crowd and low <= mean_area(volume) <= high for volume, crowd in truths]
    taken = [False] * len(truths)
    ranked = sorted((p for p in predictions if p.category == category), key=lambda p: -p.score)
    rows = []
    for prediction in ranked[:100]:
        volume = dense(prediction.masks)
        ious = [iou_of(volume, truth) for truth, _ in truths]
        free = [g for g, (_, crowd) in enumerate(truths) if ious[g] >= threshold and (crowd or not taken[g])]
        if not free:
            inside = low <= mean_area(volume) <= high
            rows.append((prediction.score, "miss" if inside else "ignored"))
            continue
        chosen = max(free, key=lambda g: (counts[g], ious[g], g))
        taken[chosen] = True
        rows.append((prediction.score, "hit" if counts[chosen] else "ignored"))
    return rows, sum(counts)


def textbook(cases: list[Case], threshold: float, area: str, most: int = 100) -> tuple[float, float]:
    """AP and AR at one threshold, mean over the categories."""
    precisions, recalls = [], []
    for category in (1, 2):
        found = [verdicts(case, category, threshold, *TINY_AREAS[area]) for case in cases]
        total = sum(count for _, count in found)
        rows = sorted((row for rows, _ in found for row in rows[:most]), key=lambda row: -row[0])
        if not total:
            continue
        curve, hits, judged = [(0.0, 0.0)], 0, 0
        for _, verdict in rows:
            hits, judged = hits + (verdict == "hit"), judged + (verdict != "ignored")
            curve.append((hits / total, hits / judged if judged else 0.0))
        levels = np.linspace(0, 1, 101)
        precisions.append(np.mean([max((p for r, p in curve if r >= level), default=0.0) for level in levels]))
        recalls.append(hits / total)
    return (float(np.mean(precisions)), float(np.mean(recalls))) if precisions else (np.nan, np.nan)


@st.composite
def made_cases(draw: st.DrawFn) -> list[Case]:
    """Up to three videos of up to three frames; boxes that overlap a lot, equal scores, crowds, empty masks."""
    box = st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(1, 4), st.integers(1, 5))
    cases = []
    for number in range(draw(st.integers(1, 3))):
        frames = draw(st.integers(1, 3))
        shown = st.lists(st.none() | box, min_size=frames, max_size=frames).map(lambda seen: tuple(map(drawn, seen)))
        truth = st.tuples(st.integers(1, 2), shown, st.sampled_from([False, False, True]))
        found = st.tuples(st.integers(1, 2), st.integers(1, 4), shown)
        tracks = tuple(Track(n, *entry) for n, entry in enumerate(draw(st.lists(truth, max_size=4))))
        predictions = [TrackPrediction(c, score / 4, seen) for c, score, seen in draw(st.lists(found, max_size=6))]
        video = Video(number, f"video{number}", HEIGHT, WIDTH, (Path(),) * frames, tracks)
        cases.append((video, predictions))
    return cases


def drawn(box: tuple[int, int, int, int] | None) -> masks.Rle | None:
    if box is None:
        return None
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    mask[box[0] : box[0] + box[2], box[1] : box[1] + box[3]] = True
    return masks.encode(mask)


@settings(max_examples=60, deadline=None)
@given(made_cases())
def test_it_equals_the_textbook(cases: list[Case]) -> None:
    with patch.dict(AREAS, TINY_AREAS):
        matches = pool(match_video(*case) for case in cases)
        found = {name: statistic(matches, once(matches))[0] for name, statistic in STATISTICS.items()}
    for area in TINY_AREAS:
        suffix = "" if area == "all" else f"_{area}"
        ap, ar = zip(*(textbook(cases, threshold, area) for threshold in THRESHOLDS), strict=True)
        assert found[f"AP{suffix}"] == pytest.approx(np.mean(ap), abs=1e-9, nan_ok=True)
        assert found[f"AR{suffix or '100'}"] == pytest.approx(np.mean(ar), abs=1e-9, nan_ok=True)
    first = [textbook(cases, threshold, "all", most=1)[1] for threshold in THRESHOLDS]
    assert found["AR1"] == pytest.approx(np.mean(first), abs=1e-9, nan_ok=True)
    for name, threshold in (("AP50", 0.5), ("AP75", 0.75)):
        assert found[name] == pytest.approx(textbook(cases, threshold, "all")[0], abs=1e-9, nan_ok=True)


# weights, parts and edges


def test_a_weight_is_that_many_copies_of_the_video(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path, videos=5)
    matches = matched(dataset, seed=0)
    parts = {name: matched(replace(dataset, names=(name,)), seed=0) for name in dataset.names}
    for weight in draw_weights(5, draws=10):
        copies = pool(parts[name] for name, n in zip(dataset.names, weight, strict=True) for _ in range(n))
        for statistic in STATISTICS.values():
            drawn_value, copied = statistic(matches, weight[None])[0], statistic(copies, once(copies))[0]
            assert drawn_value == pytest.approx(copied, abs=1e-12, nan_ok=True)


def test_a_video_alone_is_scored_as_if_it_were_all(tmp_path: Path) -> None:
    dataset = make_dataset(tmp_path, videos=4)
    alone = [matched(replace(dataset, names=(name,)), seed=1) for name in dataset.names]
    expected = [STATISTICS["AP"](each, once(each))[0] for each in alone]
    np.testing.assert_allclose(video_ap.per_video(matched(dataset, seed=1)), expected)


def test_samples_are_the_truths_whatever_is_predicted(tmp_path: Path) -> None:
    first, again = (matched(make_dataset(tmp_path), seed=seed) for seed in (0, 1))
    assert first.same_samples(again)
    assert not first.same_samples(matched(make_dataset(tmp_path, seed=1), seed=0))


def test_true_tracks_score_one_and_nothing_scores_zero(tmp_path: Path) -> None:
    for video in make_dataset(tmp_path, videos=2):
        perfect = [TrackPrediction(track.category, 0.5, track.masks) for track in video.tracks or ()]
        for predictions, expected in ((perfect, 1.0), ([], 0.0)):
            matches = match_video(video, predictions)
            for name in ("AP", "AP75", "AR10"):
                assert STATISTICS[name](matches, once(matches))[0] == pytest.approx(expected)


def test_without_an_object_there_is_no_value() -> None:
    seen = TrackPrediction(1, 0.5, (drawn((0, 0, 2, 2)),))
    matches = match_video(Video(0, "empty", HEIGHT, WIDTH, (Path(),), ()), [seen])
    assert estimate(matches, STATISTICS["AP"], draws=5).value is None
    assert estimate(matches, STATISTICS["AR1"], draws=5).value is None
    assert np.isnan(video_ap.per_video(matches)).all()
    assert video_ap.per_category(matches) == {}


def test_a_hundred_predictions_of_a_category_count() -> None:
    box = drawn((0, 0, 2, 2))
    video = Video(0, "one", HEIGHT, WIDTH, (Path(),), (Track(1, 1, (box,)),))
    wrong = [TrackPrediction(1, 0.9, (drawn((2, 3, 2, 2)),))] * 99
    for extra, expected in ((0, 1.0), (1, 0.0)):
        predictions = [*wrong, *wrong[:extra], TrackPrediction(1, 0.1, (box,))]
        matches = match_video(video, predictions)
        assert STATISTICS["AR100"](matches, once(matches))[0] == expected


def ap50(tracks: list[Track], predictions: list[TrackPrediction]) -> float:
    matches = match_video(Video(0, "one", HEIGHT, WIDTH, (Path(),), tuple(tracks)), predictions)
    return float(STATISTICS["AP50"](matches, once(matches))[0])


def test_an_object_is_preferred_to_a_crowd_that_overlaps_more() -> None:
    crowd = Track(1, 1, (drawn((0, 0, 4, 4)),), ignored=True)
    found = [TrackPrediction(1, 0.9, (drawn((0, 0, 4, 4)),))]
    assert ap50([crowd, Track(2, 1, (drawn((0, 0, 4, 3)),))], found) == pytest.approx(1)
    assert ap50([crowd, Track(2, 1, (drawn((0, 0, 1, 1)),))], found) == 0


@pytest.mark.parametrize(("left_first", "expected"), [(True, 1.0), (False, 51 / 101)])
def test_of_objects_that_overlap_the_same_the_later_is_taken(left_first: bool, expected: float) -> None:
    left, middle, right = (drawn((0, x, 1, 3)) for x in (0, 1, 2))
    tracks = [Track(1, 1, (left,)), Track(2, 1, (right,))]
    predictions = [TrackPrediction(1, 0.9, (middle,)), TrackPrediction(1, 0.5, (left,))]
    assert ap50(tracks if left_first else tracks[::-1], predictions) == pytest.approx(expected)


def test_many_masks_are_measured_at_once() -> None:
    video = Video(0, "long", HEIGHT, WIDTH, (Path(),) * 300, (Track(1, 1, (drawn((0, 0, 2, 3)),) * 300),))
    tracks = measure(video, [track.masks for track in video.tracks or ()])
    assert (tracks.areas == 6).all() and tracks.areas.shape == (1, 300)


def test_withheld_truth_cannot_be_scored() -> None:
    with pytest.raises(InstMoveError, match="secret: its ground truth is withheld"):
        match_video(Video(0, "secret", HEIGHT, WIDTH, (Path(),), None), [])
