import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from instmove import config
from instmove.cli import main
from instmove.datasets.check import look_at
from instmove.datasets.davis import write_clip, write_image_set
from instmove.masks import encode
from instmove.video import Clip, Track

COLUMN = {"label": "mAP", "benchmark": "davis_val", "metric": "mAP"}
TABLE = {
    "host": "motion",
    "rows": [{"label": "copy", "motion": "copy"}],
    "columns": [COLUMN],
    "differences": {"against": []},
}


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A setup of one small dataset, without the schema's other sections."""
    import numpy as np

    images = [np.full((8, 9, 3), 10 * t, dtype=np.uint8) for t in range(3)]
    tracks = (Track(1, 1, (encode(np.eye(8, 9, dtype=bool)),) * 3),)
    for name in ("ant", "bee"):
        write_clip(tmp_path / "DAVIS", Clip(name, images, tracks))
    write_image_set(tmp_path / "DAVIS", "val", ["ant", "bee"])
    entry = {"format": "davis", "root": "DAVIS", "split": "val", "expect": {"videos": 2}}
    vis = {"format": "ytvis", "annotations": "train.json", "images": "train", "expect": {"videos": 2985}}
    content = {
        "setup": "made",
        "data_root": str(tmp_path),
        "datasets": {"davis_val": entry, "ytvis21_train": vis},
        "splits": {name: {"dataset": name, "rule": "folds", "folds": 2, "stride": 1} for name in ("davis_val",)},
        "motion": {"models": {"copy": {"kind": "copy"}}},
        "weights": "train",
        "seeds": [0],
        "tables": {"table2": TABLE},
    }
    monkeypatch.setattr(config, "load_setup", lambda name, overrides: content)
    return tmp_path


def test_good_data(setup: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-data", "davis_val"]) == 0
    printed = capsys.readouterr()
    assert [line.split() for line in printed.out.splitlines()] == [
        ["dataset", "videos", "frames", "tracks", "masks", "problems"],
        ["davis_val", "2", "6", "2", "6", "0"],
    ]
    assert printed.err == ""


def test_bad_data_is_listed_and_exits_1(setup: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("RGB", (8, 8)).save(setup / "DAVIS/JPEGImages/480p/bee/00002.jpg")
    (setup / "DAVIS/Annotations/480p/ant/00001.png").write_bytes(b"")
    assert main(["check-data", "davis_val", "--deep"]) == 1
    problems = capsys.readouterr().err.splitlines()
    assert len(problems) == 2
    assert "ant/00001.png: cannot be decoded" in problems[0]
    assert "bee/00002.jpg: image is 8x8, its annotation says 8x9" in problems[1]


def test_missing_data_and_unknown_names(setup: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (setup / "DAVIS/ImageSets/2017/val.txt").unlink()
    assert main(["check-data", "davis_val"]) == 1
    assert "val.txt: image set not found" in capsys.readouterr().err
    assert main(["check-data", "davis_tran"]) == 1
    assert "'davis_tran' is not under datasets in the setup; choose one of davis_val, " in capsys.readouterr().err


def overview(capsys: pytest.CaptureFixture[str], status: int) -> tuple[dict[str, list[str]], list[str], list[str]]:
    """Cells by dataset, the lines about tables, and the problems."""
    assert main(["check-data"]) == status
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    rows, states = lines[1 : lines.index("what that enables:")], lines[lines.index("what that enables:") + 1 :]
    return {row.split()[0]: row.split()[1:5] for row in rows}, states, printed.err.splitlines()


def test_the_overview_says_what_is_there_and_what_it_enables(setup: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows, states, problems = overview(capsys, 0)
    assert rows["davis_val"] == ["yes", "yes", "2", "2"]
    assert rows["ytvis21_train"] == ["no", "-", "-", "-"]
    assert states == ["  table2   whole"]
    assert not problems


def test_what_is_half_there_is_broken_and_enables_nothing(setup: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(setup / "DAVIS/JPEGImages/480p/bee")
    rows, states, problems = overview(capsys, 1)
    assert rows["davis_val"][:2] == ["yes", "no"]
    assert states == ["  table2   left out, none of its 1 results can be made"]
    assert any("val.txt: sequence bee (1 in all) is not in" in problem for problem in problems)


def test_an_archive_as_it_unzips_is_told_where_its_json_goes(setup: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (setup / "train").mkdir()
    (setup / "train/instances.json").write_text("{}")
    rows, _, (*_, problem) = overview(capsys, 1)
    assert rows["ytvis21_train"][:2] == ["yes", "no"]
    assert "train.json is missing, the rest is there" in problem
    assert problem.endswith("put the archive's JSON there (YouTube-VIS calls it instances.json)")


def test_a_dataset_of_which_only_another_ones_file_is_there_is_absent(tmp_path: Path) -> None:
    entry = {"format": "ytvis", "annotations": "2022.json", "images": "2022", "exclude_annotations": "2021.json"}
    (tmp_path / "2021.json").write_text("{}")
    assert not look_at("long", entry, tmp_path).present
    (tmp_path / "2022").mkdir()
    assert look_at("long", entry, tmp_path).problems


def test_youtube_vis_2019_in_place_of_2021(setup: Path, capsys: pytest.CaptureFixture[str]) -> None:
    videos = [
        {"id": n, "width": 9, "height": 8, "length": 1, "file_names": [f"{n:08}/00000.jpg"]} for n in range(1, 2239)
    ]
    content = {"videos": videos, "categories": [{"id": 1, "name": "owl"}], "annotations": []}
    (setup / "train.json").write_text(json.dumps(content))
    (setup / "train").mkdir()
    _, _, problems = overview(capsys, 1)
    said = (
        "ytvis21_train (train.json): 2238 videos, officially 2985; these are those of YouTube-VIS 2019's training set"
    )
    assert f"  {said}, put the right file there" in problems
    images = setup / "train"
    assert f"  {images}: 2238 of 2238 videos have no folder, 00000001 first; unzip the images again" in problems
