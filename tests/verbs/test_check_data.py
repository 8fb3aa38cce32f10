from pathlib import Path

import pytest
from PIL import Image

from instmove import config
from instmove.cli import main
from instmove.datasets.davis import write_clip, write_image_set
from instmove.masks import encode
from instmove.video import Clip, Track


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
    content = {"data_root": str(tmp_path), "datasets": {"davis_val": entry}}
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
    assert main(["check-data", "davis_train"]) == 1
    assert "'davis_train' is not under datasets in the setup; choose one of davis_val" in capsys.readouterr().err
