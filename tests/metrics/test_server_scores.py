import json
from pathlib import Path

import pytest
from made_up import ORIGIN

from instmove.errors import InstMoveError
from instmove.files import write_json
from instmove.metrics.result_files import read_result, write_result, write_submission
from instmove.metrics.server_scores import read_scores, scores_path
from instmove.metrics.video_ap import STATISTICS

PRINTED = {"AP": 30.7, "AP50": 51.4, "AP75": 30.9, "AR1": 15, "AR10": 37.7}


METRICS = "results/paper/metrics/idol/ovis/instmove/seed0.json"


def test_the_servers_scores_become_metrics_once_they_are_there(tmp_path: Path) -> None:
    metrics = tmp_path / METRICS
    write_submission(metrics, ORIGIN, STATISTICS)
    content = read_result(metrics)
    assert content["status"] == "submission"
    assert {record["value"] for record in content["metrics"].values()} == {None}
    write_json(tmp_path / "results/paper/server_scores/idol_ovis_instmove_seed0.json", PRINTED)
    content = read_result(metrics)
    assert (content["status"], content["origin"]) == ("server", ORIGIN)
    assert content["metrics"]["AP"] == {"value": 0.307, "unit": "fraction"}
    assert content["metrics"]["AR1"] == {"value": 0.15, "unit": "fraction"}
    assert content["metrics"]["AP_small"]["value"] is None


def test_what_was_scored_here_stays_whatever_a_server_says(tmp_path: Path) -> None:
    write_result(tmp_path / METRICS, ORIGIN, {"AP": {"value": 0.2, "unit": "fraction"}}, {}, __name__)
    write_json(tmp_path / "results/paper/server_scores/idol_ovis_instmove_seed0.json", PRINTED)
    assert read_result(tmp_path / METRICS)["metrics"]["AP"]["value"] == 0.2


def test_a_metrics_file_elsewhere_has_no_scores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_submission(Path("out/seed0.json"), ORIGIN, STATISTICS)
    assert scores_path(Path("out/seed0.json")) is None
    assert read_result(Path("out/seed0.json"))["status"] == "submission"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([1], "expected metrics and their values"),
        ({}, "expected metrics and their values"),
        ({"mAP": 30.7}, "unknown metric 'mAP'; known are AP, AP50"),
        ({"AP": "30.7"}, "AP is '30.7', expected a percentage"),
        ({"AP": 307}, "AP is 307, expected a percentage"),
        ({"AP": 0.307, "AP50": 0.51}, "look like fractions"),
    ],
)
def test_what_is_no_percentage_is_refused(content: object, message: str, tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text(json.dumps(content))
    with pytest.raises(InstMoveError, match=r"s\.json: .*" + message):
        read_scores(tmp_path / "s.json", STATISTICS)
