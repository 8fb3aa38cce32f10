"""Anybody's results of video instance segmentation: scored, or one line for what is wrong with them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from instmove.cli import main
from instmove.datasets.splits import SplitVideo, make_split
from instmove.datasets.ytvis import OVIS_FRAMES, write_annotations, write_clip_frames
from instmove.files import read_json, write_json
from instmove.masks import encode
from instmove.video import Clip, Track

OVIS = "datasets={ovis_valid: {format: ytvis, annotations: truth.json, images: frames}}"


HEIGHT, WIDTH, FRAMES = 24, 32, 3


@pytest.fixture
def result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The truth of a video as a result, in a working folder with a split of it."""
    monkeypatch.chdir(tmp_path)
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    mask[4:12, 6:18] = True
    images = [np.full((HEIGHT, WIDTH, 3), 40 * t, dtype=np.uint8) for t in range(FRAMES)]
    clip = Clip("ant", images, (Track(1, 3, (encode(mask),) * FRAMES),))
    write_annotations(Path("data/truth.json"), [write_clip_frames(Path("data/frames"), clip, OVIS_FRAMES)], {3: "ant"})
    make_split("ovis", "ovis_valid", [SplitVideo("ant", tuple(range(FRAMES)))]).save(Path("split.json"))
    return [{"video_id": 1, "category_id": 3, "score": 0.9, "segmentations": [encode(mask)] * FRAMES}]


def evaluate(result: list[dict[str, Any]]) -> int:
    Path("result.json").write_text(json.dumps(result))
    files = ("result.json", "--split", "split.json", "--output", "out.json")
    return main(["evaluate-vis", *files, "--set", "data_root=data", "--set", OVIS])


def test_the_truth_scores_one(result: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate(result) == 0
    assert read_json("out.json")["metrics"]["AP"]["value"] == pytest.approx(1)
    assert "AP    100.0" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("video_id", 77, "video 77 is not in"),
        ("video_id", True, "video_id and category_id must be whole numbers"),
        ("category_id", 9, "category 9 is not one of the dataset's"),
        ("score", float("nan"), "score nan is not a number"),
        ("score", 10**400, "score 1000"),
        ("segmentations", [{"size": [3, 3], "counts": "9"}] * FRAMES, "size"),
    ],
)
def test_what_does_not_fit_is_one_line_and_nothing_is_left(
    key: str, value: object, message: str, result: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate([{**result[0], key: value}]) == 1
    error = [line for line in capsys.readouterr().err.splitlines() if "error" in line]
    assert len(error) == 1 and "result.json" in error[0]
    assert message in error[0]
    assert not Path("out.json").exists()


def test_withheld_truth_is_for_the_server(result: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    content = read_json("data/truth.json")
    write_json(Path("data/truth.json"), {**content, "annotations": None})
    assert evaluate(result) == 1
    assert "is withheld; its server scores this result" in capsys.readouterr().err
