"""The table of checkpoints says what is there, whether it loads, and which tables that leaves."""

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_ovis import write_tiny_ovis

from baselines.registry import host_named
from baselines.weights_check import _ways
from instmove import config
from instmove.cli import main
from instmove.config import load_setup
from instmove.reporting.needs import checkpoint_needs

SMOKE = load_setup("smoke")


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Smoke, with MinVIS from the authors' file and IDOL's training from one, in a folder with tiny OVIS."""
    made = copy.deepcopy(SMOKE)
    made["data_root"] = "data"
    made["hosts"]["minvis"]["checkpoints"]["smoke"] = {"file": "minvis.pth", "dataset": "ovis_train"}
    made["hosts"]["idol"]["checkpoints"]["smoke"]["initial"] = "idol_coco.pth"
    monkeypatch.setattr(config, "load_setup", lambda name, overrides: made)
    monkeypatch.chdir(tmp_path)
    write_tiny_ovis(Path("data"))
    return made


def save(host: str, classes: int, name: str) -> None:
    torch.save({"model": host_named(host).build(SMOKE["hosts"][host], classes).state_dict()}, name)


def checked(capsys: pytest.CaptureFixture[str], status: int) -> tuple[dict[str, str], list[str], list[str]]:
    """Rows by file, the lines about tables, the problems."""
    assert main(["check-weights"]) == status
    printed = capsys.readouterr()
    lines = [" ".join(line.split()) for line in printed.out.splitlines()]
    split = lines.index("what that enables:")
    return {line.split()[0]: line for line in lines[1:split]}, lines[split + 1 :], printed.err.splitlines()


def test_what_is_absent_is_no_error(setup: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    rows, states, problems = checked(capsys, 0)
    assert rows["minvis.pth"].startswith("minvis.pth minvis, smoke no - - 1 ")
    assert rows["idol_coco.pth"].startswith("idol_coco.pth idol, to start from no - - 1 ")
    assert "table2 whole" in states and not problems
    assert any(state.startswith("table1 ") and "without" in state for state in states)


def test_what_is_there_is_loaded(setup: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    save("minvis", 2, "minvis.pth")
    save("idol", 80, "idol_coco.pth")
    rows, states, problems = checked(capsys, 0)
    assert " minvis, smoke yes yes yes " in rows["minvis.pth"]
    assert rows["minvis.pth"].endswith("2 classes, as ovis_train has")
    assert " idol, to start from yes yes yes " in rows["idol_coco.pth"]
    assert all(state.endswith("whole") for state in states) and not problems
    Path("data/ovis/annotations_train.json").unlink()
    rows, _, _ = checked(capsys, 0)
    assert rows["minvis.pth"].endswith("2 classes, not compared, ovis_train is absent")


def test_what_is_broken_is_listed_and_counts_as_missing(
    setup: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    save("minvis", 40, "minvis.pth")
    save("crossvis", 80, "idol_coco.pth")
    rows, states, problems = checked(capsys, 1)
    assert " yes yes no " in rows["minvis.pth"] and rows["minvis.pth"].endswith("broken, see below")
    assert problems[0].startswith("  minvis.pth: found weights for 40 classes, expected 2")
    assert problems[1].startswith("  idol_coco.pth: ") and "too few to start from" in problems[1]
    assert any(state.startswith("table1 ") and "without minvis" in state for state in states)
    content = Path("minvis.pth").read_bytes()
    Path("minvis.pth").write_bytes(content[: len(content) // 2])
    rows, _, problems = checked(capsys, 1)
    assert " yes no no " in rows["minvis.pth"]
    assert "minvis.pth: cannot be read as weights" in problems[0]


def test_the_authors_instmove_is_looked_at(setup: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    setup["motion"]["models"]["authors"] = {"kind": "instmove", "variant": "released", "file": "motion_model.pth"}
    torch.save({"module.other": torch.zeros(1)}, "motion_model.pth")
    rows, _, problems = checked(capsys, 1)
    assert " the authors' weights yes yes no " in rows["motion_model.pth"]
    assert problems[0].startswith("  motion_model.pth: these are not the weights of this network; missing")


def test_every_checkpoint_of_the_paper_can_be_looked_at() -> None:
    setup = load_setup("paper")
    assert {need.of for need in checkpoint_needs(setup)} <= _ways(setup).keys()


def test_a_setup_without_checkpoints_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-weights", "--setup", "mini"]) == 0
    assert capsys.readouterr().out == "setup mini names no checkpoint file\n"


def test_shipped_weights_that_are_not_their_manifest_s_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("instmove.weights.verify_shipped", lambda: ["raft.safetensors: in the manifest but missing"])
    assert main(["check-weights", "--setup", "mini"]) == 1
    assert capsys.readouterr().err == "raft.safetensors: in the manifest but missing\n"
