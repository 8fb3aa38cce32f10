"""From frames on disk to the weights of a motion model, by the verb."""

import csv
from pathlib import Path

import pytest
from tiny_ovis import NAMES, write_tiny_ovis, write_withheld_ovis

from instmove.cli import main
from instmove.datasets.splits import SplitVideo, make_split
from instmove.network.checkpoint import load_network
from instmove.reporting.learning_curves import plot_learning_curves


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with tiny OVIS, a split to train on, one to validate on and one without ground truth."""
    monkeypatch.chdir(tmp_path)
    write_tiny_ovis(Path("data"))
    write_withheld_ovis(Path("data"))
    for name, dataset, videos in (
        ("train", "ovis_train", NAMES[:4]),
        ("val", "ovis_train", NAMES[4:6]),
        ("withheld", "ovis_valid", ("kid",)),
    ):
        make_split(name, dataset, [SplitVideo(video, tuple(range(7))) for video in videos]).save(Path(f"{name}.json"))
    return tmp_path


def log_of(val: str) -> list[dict[str, str]]:
    given = (
        "--train",
        "train.json",
        "--val",
        f"{val}.json",
        "--output",
        val,
        "--setup",
        "smoke",
        "--split",
        "ovis_sub",
    )
    assert main(["train-motion", "instmove", *given, "--set", "data_root=data"]) == 0
    return list(csv.DictReader(Path(val, "log.csv").read_text().splitlines()))


def test_the_split_must_be_said(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without it the settings of another split would hold: ten thousand iterations in place of a hundred thousand."""
    with pytest.raises(SystemExit):
        main(["train-motion", "instmove", "--train", "train.json", "--val", "val.json", "--output", "out"])
    assert "the following arguments are required: --split" in capsys.readouterr().err


def test_training_writes_weights_and_a_log_with_the_validation(here: Path) -> None:
    rows = log_of("val")
    assert [row["iteration"] for row in rows] == ["1", "2"]
    assert float(rows[0]["observe_loss"]) > 0 and 0 <= float(rows[-1]["validation_iou"]) <= 1
    assert load_network(Path("val/model.safetensors"))[0].uses_image


def test_without_ground_truth_the_same_weights_come_without_a_validation(here: Path) -> None:
    rows = log_of("withheld")
    assert not [name for name in rows[0] if name.startswith("validation")]
    log_of("val")
    assert Path("withheld/model.safetensors").read_bytes() == Path("val/model.safetensors").read_bytes()
    plot_learning_curves({"withheld": Path("withheld/log.csv")}, "title", Path("curves"))
    assert Path("curves.png").is_file()
