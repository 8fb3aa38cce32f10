import json
from pathlib import Path

import pytest
from made_up import ORIGIN

from instmove.errors import InstMoveError
from instmove.metrics.result_files import read_result
from instmove.metrics.server_scores import read_scores, scores_path, write_server_metrics
from instmove.metrics.video_ap import STATISTICS

PRINTED = {"AP": 30.7, "AP50": 51.4, "AP75": 30.9, "AR1": 15, "AR10": 37.7}


def test_the_servers_scores_become_metrics(tmp_path: Path) -> None:
    scores = scores_path(tmp_path, "idol", "ovis", "instmove", 0)
    assert scores == tmp_path / "server_scores/idol_ovis_instmove_seed0.json"
    scores.parent.mkdir()
    scores.write_text(json.dumps(PRINTED))
    write_server_metrics(tmp_path / "m.json", ORIGIN, scores, STATISTICS)
    content = read_result(tmp_path / "m.json")
    assert content["status"] == "server"
    assert content["origin"] == ORIGIN
    assert content["metrics"]["AP"] == {"value": 0.307, "unit": "fraction"}
    assert content["metrics"]["AR1"] == {"value": 0.15, "unit": "fraction"}
    assert content["metrics"]["AP_small"]["value"] is None


def test_until_they_come_there_are_no_values(tmp_path: Path) -> None:
    write_server_metrics(tmp_path / "m.json", ORIGIN, tmp_path / "none.json", STATISTICS)
    content = read_result(tmp_path / "m.json")
    assert content["status"] == "submission"
    assert {record["value"] for record in content["metrics"].values()} == {None}


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
