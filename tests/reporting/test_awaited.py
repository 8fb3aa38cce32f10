"""What servers said is of a result that there is, and can be read; both are known before the work."""

from pathlib import Path
from typing import Any

import pytest

from instmove.config import load_setup
from instmove.errors import InstMoveError
from instmove.files import write_json
from instmove.reporting.awaited import require_known_scores


@pytest.fixture(scope="module")
def paper() -> dict[str, Any]:
    return load_setup("paper")


def test_scores_of_results_are_known(paper: dict[str, Any], tmp_path: Path) -> None:
    require_known_scores(paper, tmp_path)
    write_json(tmp_path / "server_scores/minvis_ovis_instmove_release_seed0.json", {"AP": 30.7})
    write_json(tmp_path / "server_scores/stcn_ytvos_none_seed0.json", {"g": 82.8, "j_seen": 81.5})
    require_known_scores(paper, tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("MinVIS_ovis_none_seed0.json", {"AP": 30.7}, r"no table .* did you mean minvis_ovis_none_seed0\.json\?"),
        ("minvis_ovis_none.json", {"AP": 30.7}, "no table of setup paper has a result of this name"),
        ("stcn_ytvos_none_seed0.json", {"G": 82.8}, "unknown metric 'G'; known are g, j_seen"),
        ("minvis_ovis_none_seed0.json", {"AP": 0.307}, "look like fractions"),
    ],
)
def test_others_are_named(paper: dict[str, Any], tmp_path: Path, name: str, content: object, message: str) -> None:
    write_json(tmp_path / "server_scores" / name, content)
    with pytest.raises(InstMoveError, match=message):
        require_known_scores(paper, tmp_path)
