"""MOTS metrics against the official toolkits' numbers on a real BDD100K video and on OSVOS's masks."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from instmove.datasets.bdd100k import CATEGORIES
from instmove.errors import InstMoveError
from instmove.masks import encode
from instmove.metrics.hota import hota
from instmove.metrics.mots import Switch, evaluate_video, rates, summary
from instmove.video import Track, Video

MOTS = Path(__file__).parents[1] / "reference" / "mots"
NUMBER = {name: number for number, name in CATEGORIES.items()}
OFFICIAL = {"mMOTA": "mMOTSA", "mMOTP": "mMOTSP", "mIDF1": "mIDF1"} | {
    name: name.upper() for name in ("MOTA", "MOTP", "IDF1", "FP", "FN", "IDSw", "MT", "PT", "ML", "FM")
}


def read(name: str) -> dict[str, list[dict[str, Any]]]:
    """Frames of each video, in order."""
    content = json.loads((MOTS / name).read_text())
    videos = defaultdict(list)
    for frame in content["frames"] if isinstance(content, dict) else content:
        videos[frame["videoName"]].append(frame)
    return {video: sorted(frames, key=lambda frame: frame["frameIndex"]) for video, frames in videos.items()}


def tracks(frames: list[dict[str, Any]]) -> tuple[Track, ...]:
    numbers: dict[str, int] = {}
    found: dict[tuple[int, int, bool], list] = defaultdict(lambda: [None] * len(frames))
    for t, frame in enumerate(frames):
        for label in frame.get("labels") or ():
            if label.get("rle"):
                number = numbers.setdefault(label["id"], len(numbers) + 1)
                attributes = label.get("attributes") or {}
                ignored = bool(attributes.get("crowd") or attributes.get("ignored"))
                found[number, NUMBER[label["category"]], ignored][t] = label["rle"]
    return tuple(Track(number, kind, tuple(rles), ignored) for (number, kind, ignored), rles in found.items())


def truths(name: str) -> dict[str, Video]:
    return {
        video: Video(1, video, 1, 1, (Path(),) * len(frames), tracks(frames)) for video, frames in read(name).items()
    }


OSVOS = ("osvos/gt.json", "osvos/pred.json", (1, 2, 3, 4, 8), "osvos")
SCALABEL = ("scalabel/seg_track_sample.json", "scalabel/seg_track_preds.json", tuple(CATEGORIES), "scalabel")
NOTHING = ("scalabel/seg_track_sample.json", "scalabel/seg_track_preds_empty.json", tuple(CATEGORIES), "scalabel")


@pytest.mark.parametrize(
    ("case", "key", "match_iou", "ignore_iof"),
    [
        (OSVOS, "preds", 0.5, 0.5),
        (OSVOS, "preds_iou_thr_0.7", 0.7, 0.5),
        (SCALABEL, "preds", 0.5, 0.5),
        (SCALABEL, "preds_iou_thr_0.7", 0.7, 0.5),
        (SCALABEL, "preds_ignore_iof_0.9", 0.5, 0.9),
        (NOTHING, "empty", 0.5, 0.5),
    ],
)
def test_equals_the_official_toolkit(case, key, match_iou, ignore_iof):
    truth, result, categories, folder = case
    expected = json.loads((MOTS / folder / "expected.json").read_text())[key]
    predictions = {video: tracks(frames) for video, frames in read(result).items()}
    scored = [
        evaluate_video(video, predictions.get(name, ()), categories, match_iou, ignore_iof)
        for name, video in truths(truth).items()
    ]
    counts = np.sum([video.counts for video in scored], axis=0)
    found = summary(counts)
    for official, ours in OFFICIAL.items():
        value = expected["summary"][official]
        value = np.nan if value is None else value
        assert found[ours] == pytest.approx(value, abs=1e-6, nan_ok=True), official
    assert sum(len(video.switches) for video in scored) == expected["summary"]["IDSw"]
    for row, category in enumerate(categories):
        official = expected["per_class"].get(CATEGORIES[category], {"IDF1": None})["IDF1"]
        assert rates(counts[row])["idf1"] == pytest.approx(np.nan if official is None else official, nan_ok=True)


def square(left: int) -> Any:
    mask = np.zeros((8, 30), dtype=bool)
    mask[2:6, left : left + 4] = True
    return encode(mask)


def test_a_switch_belongs_to_its_object_and_knows_its_gap():
    a, b = square(2), square(20)
    truth = Video(1, "v", 8, 30, (Path(),) * 5, (Track(7, 3, (a,) * 5), Track(9, 3, (b, None, None, b, b))))
    found = [Track(1, 3, (a,) * 5), Track(2, 3, (b, None, None, None, None)), Track(3, 3, (None,) * 3 + (b, b))]
    scored = evaluate_video(truth, found, (3,))
    assert scored.switches == (Switch(object=9, frame=3, gap=3),)
    assert summary(scored.counts)["IDSW"] == 1


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ([Track(1, 3, (square(2),)), Track(2, 3, (square(4),))], "v, frame 0: masks of the result overlap"),
        ([Track(1, 3, (square(2),)), Track(1, 4, (square(9),))], "v, frame 0: track 1 occurs twice"),
    ],
)
def test_results_that_no_bitmask_can_hold_are_refused(found, says):
    with pytest.raises(InstMoveError, match=says):
        evaluate_video(Video(1, "v", 8, 30, (Path(),), ()), found, (3,))


def test_hota_of_the_truth_itself_and_of_a_swap():
    a, b = square(2), square(20)
    truth = Video(1, "v", 8, 30, (Path(),) * 4, (Track(1, 3, (a,) * 4), Track(2, 3, (b,) * 4)))
    assert hota({"v": (truth, truth.tracks)}, (3, 4)) == pytest.approx({"HOTA": 100, "DetA": 100, "AssA": 100})
    swapped = [Track(1, 3, (a, a, b, b)), Track(2, 3, (b, b, a, a))]
    # every match shares 2 of the 6 frames that its two tracks cover: AssA = 2/6
    expected = {"HOTA": 100 * np.sqrt(1 / 3), "DetA": 100, "AssA": 100 / 3}
    assert hota({"v": (truth, swapped)}, (3,)) == pytest.approx(expected)
