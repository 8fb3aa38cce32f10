"""Results of others through the verbs: scored, converted, and one line for what is wrong with them."""

from pathlib import Path

import numpy as np
import pytest

from instmove.cli import main
from instmove.datasets.bdd100k import open_bdd100k, write_clip
from instmove.datasets.splits import SplitVideo, make_split
from instmove.files import read_json
from instmove.masks import encode
from instmove.metrics.bdd100k_results import rle_files, write_folder
from instmove.video import Clip, Track


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with one video of BDD100K, a split of it, and its truth as a result."""
    monkeypatch.chdir(tmp_path)
    mask = np.zeros((16, 24), dtype=bool)
    mask[4:12, 6:18] = True
    images = [np.full((16, 24, 3), 40 * t, dtype=np.uint8) for t in range(3)]
    write_clip(Path("data/bdd100k"), "val", Clip("ant", images, (Track(1, 3, (encode(mask),) * 3),)))
    make_split("bdd", "bdd_val", [SplitVideo("ant", (0, 1, 2))]).save(Path("split.json"))
    dataset = open_bdd100k("bdd", Path("data/bdd100k"), "val")
    write_folder(Path("result"), rle_files((video, video.tracks or ()) for video in dataset))
    return tmp_path


def run(*arguments: str) -> int:
    return main([*arguments, "--split", "split.json", "--set", "data_root=data"])


def test_a_result_is_converted_and_scored(here: Path) -> None:
    assert run("convert-mots", "result", "bitmasks", "--output", "pngs") == 0
    assert run("convert-mots", "pngs", "rles", "--output", "sent.zip") == 0
    for name in ("result", "pngs", "sent.zip"):
        assert run("evaluate-mots", name, "--method", "truth", "--output", f"out/{name}.json") == 0
        metrics = read_json(f"out/{name}.json")["metrics"]
        assert (metrics["MOTA"]["value"], metrics["mMOTSA"]["value"], metrics["IDSW"]["value"]) == (1, 1 / 8, 0)


@pytest.mark.parametrize("verb", [("evaluate-mots",), ("convert-mots", "bitmasks")])
def test_an_unknown_video_is_one_line_and_nothing_is_left(
    verb: tuple[str, ...], here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = Path("result/ant.json").read_text().replace('"videoName": "ant"', '"videoName": "yak"')
    Path("result/ant.json").write_text(content)
    assert run(verb[0], "result", *verb[1:], "--output", "out.json") == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if "error" in line] == [
        f"instmove {verb[0]}: error: result: video yak is not in bdd; is this result of another benchmark?"
    ]
    assert sorted(path.name for path in here.iterdir()) == ["data", "result", "split.json"]
