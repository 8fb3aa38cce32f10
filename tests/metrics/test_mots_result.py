"""Metrics from counts: equal to the official toolkit's on the whole, to scoring again on a draw, and they add up."""

import json
from pathlib import Path

import numpy as np
import pytest
from made_up import ORIGIN
from test_mots import MOTS, SCALABEL, read, square, tracks, truths

from instmove.errors import InstMoveError
from instmove.files import read_json
from instmove.metrics.bootstrap import draw_weights
from instmove.metrics.mots import evaluate_video
from instmove.metrics.mots_files import load_result, save_result, score_mots
from instmove.metrics.mots_result import SIZES, STATISTICS, MotsResult, pool, result_of
from instmove.metrics.result_files import samples_path, submission_path
from instmove.video import Track, Video

CATEGORIES = (3, 4)


def made(name: str, seed: int) -> tuple[Video, list[Track]]:
    """Two cars, one of which is hidden for a while, and a truck; the tracks switch at random."""
    generator = np.random.default_rng(seed)
    a, b, c = square(2), square(11), square(20)
    hidden = (b, b, None, b, b, b)
    truth = (Track(1, 3, (a,) * 6), Track(2, 3, hidden), Track(5, 4, (c,) * 6))
    found = {}
    for place, (object_, category) in enumerate(((a, 3), (b, 3), (c, 4))):
        for t in range(6):
            if generator.random() < 0.9:
                number = 10 * place + 1 + int(generator.integers(3))
                found.setdefault((number, category), [None] * 6)[t] = object_
    result = [Track(number, category, tuple(rles)) for (number, category), rles in found.items()]
    frames = tuple(Path(f"{name}-{t}.jpg") for t in range(6))
    return Video(seed, name, 8, 30, frames, truth), result


CASES = [made(name, seed) for seed, name in enumerate("abcde")]


def scored(cases: list[tuple[Video, list[Track]]]) -> MotsResult:
    return pool(result_of(video, evaluate_video(video, found, CATEGORIES)) for video, found in cases)


def test_equals_the_official_summary() -> None:
    truth, predicted, categories, folder = SCALABEL
    expected = json.loads((MOTS / folder / "expected.json").read_text())["preds"]["summary"]
    results = {name: tracks(frames) for name, frames in read(predicted).items()}
    videos = truths(truth)
    result = pool(result_of(v, evaluate_video(v, results[name], categories)) for name, v in videos.items())
    once = np.ones((1, len(videos)), dtype=np.int64)
    names = {"mMOTSA": "mMOTA", "mMOTSP": "mMOTP", "mIDF1": "mIDF1", "MOTA": "MOTA", "MOTP": "MOTP", "IDF1": "IDF1"}
    for ours, official in names.items():
        assert 100 * STATISTICS[ours](result, once)[0] == pytest.approx(expected[official], abs=1e-6)
    assert STATISTICS["IDSW"](result, once)[0] == expected["IDSw"] == 25


def test_a_draw_is_what_scoring_its_videos_gives() -> None:
    whole = scored(CASES)
    for row in draw_weights(len(CASES), 2, seed=3):
        drawn = [case for case, times in zip(CASES, row, strict=True) for _ in range(times)]
        again, once = scored(drawn), np.ones((1, len(drawn)), dtype=np.int64)
        for statistic in STATISTICS.values():
            np.testing.assert_allclose(statistic(whole, row[None]), statistic(again, once))


def test_subsets_sum_to_the_whole_and_know_who_returns() -> None:
    result, once = scored(CASES), np.ones((1, len(CASES)), dtype=np.int64)
    value = {name: statistic(result, once)[0] for name, statistic in STATISTICS.items()}
    assert value["objects"] == 15 and value["objects_occlusion"] == 5, "one of three in every video"
    assert value["IDSW"] == value["IDSW_occlusion"] + value["IDSW_continuous"] > 0
    assert value["IDSW_per_object_occlusion"] == value["IDSW_occlusion"] / 5


def test_an_object_that_is_ignored_for_a_frame_does_not_return() -> None:
    a = square(2)
    for part_of, returns in ((1, False), (None, True)):
        truth = (Track(1, 3, (a, None, a)), Track(2, 3, (None, a, None), ignored=True, part_of=part_of))
        video = Video(1, "v", 8, 30, tuple(Path(f"{t}.jpg") for t in range(3)), truth)
        result = result_of(video, evaluate_video(video, [Track(1, 3, (a, a, a))], CATEGORIES))
        assert result.object_returns.tolist() == [returns]


def test_nothing_to_divide_by_is_no_number() -> None:
    video = Video(1, "v", 8, 30, (Path(),), ())
    result = result_of(video, evaluate_video(video, [Track(1, 3, (square(2),))], CATEGORIES))
    once = np.ones((1, 1), dtype=np.int64)
    assert np.isnan(STATISTICS["MOTA"](result, once)[0]) and np.isnan(STATISTICS["IDSW_per_object"](result, once)[0])
    assert STATISTICS["FP"](result, once)[0] == 1


def test_files_hold_values_intervals_and_everything_behind_them(tmp_path: Path) -> None:
    path = tmp_path / "seed0.json"
    score_mots(path, ORIGIN, CASES, CATEGORIES, draws=20)
    metrics = read_json(path)["metrics"]
    result = load_result(samples_path(path))
    assert result.same_samples(scored(CASES)) and np.array_equal(result.counts, scored(CASES).counts)
    for name, record in metrics.items():
        bare = name in SIZES or "category" in name or name in ("HOTA", "DetA", "AssA")
        assert (record.get("low") is None) == bare, name
    assert metrics["IDSW"]["value"] == sum(metrics[f"IDSW_category_{n}"]["value"] for n in CATEGORIES)
    assert metrics["mMOTSA"]["value"] == pytest.approx(
        np.mean([metrics[f"MOTA_category_{n}"]["value"] for n in CATEGORIES])
    )
    counts = [metrics[f"IDSW_per_object{ending}"]["n"] for ending in ("", "_occlusion", "_continuous")]
    assert counts == [15, 5, 10], "the objects that a metric is of"
    assert set(read_json(path)["per_sequence"]["a"]) == {"MOTA", "IDF1", "IDSW", "objects"}
    assert submission_path(path).exists()


def test_other_videos_are_other_samples_and_no_file_is_no_result(tmp_path: Path) -> None:
    save_result(tmp_path / "a.npz", scored(CASES[:2]))
    assert not load_result(tmp_path / "a.npz").same_samples(scored(CASES))
    with pytest.raises(InstMoveError, match="cannot read"):
        load_result(tmp_path / "b.npz")


def test_withheld_truth_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    video = Video(1, "v", 8, 30, (Path("v-0.jpg"),), None)
    with pytest.raises(InstMoveError, match="v: its ground truth is withheld"):
        score_mots(tmp_path / "seed0.json", ORIGIN, [(video, ())], CATEGORIES)
    assert not list(tmp_path.iterdir())
