"""What results need from outside is what the setup says, and what is there decides which tables come."""

from pathlib import Path

import pytest
from workflow_runs import pretend_all_is_there

from instmove.config import load_setup
from instmove.reporting.cells import Result, available_results
from instmove.reporting.left_out import left_out_text, why_nothing
from instmove.reporting.needs import checkpoint_needs, lacking, makeable, needs

PAPER = load_setup("paper")


def paths(result: Result) -> set[str]:
    return {str(need.path).removeprefix("data/paper/") for need in needs(PAPER, result)}


OVIS = {"ovis/annotations_train.json", "ovis/train", "ovis/annotations_valid.json", "ovis/valid"}


def test_a_host_without_motion_needs_its_data_and_its_checkpoint() -> None:
    assert paths(Result("minvis", "ovis", "none", 0)) == {*OVIS, "checkpoints/minvis_ovis_R50.pth"}
    assert paths(Result("idol", "ovis_sub", "kalman", 0)) == {
        "ovis/annotations_train.json",
        "ovis/train",
        "checkpoints/idol_cocopretrain_R50.pth",
    }


def test_motion_models_bring_their_own_needs() -> None:
    plain = paths(Result("idol", "ovis", "none", 0))
    assert paths(Result("idol", "ovis", "raft", 0)) == {*plain, "checkpoints/raft-things.pth"}
    assert paths(Result("idol", "ovis", "instmove", 0)) == {*plain, "checkpoints/resnet50.pth"}
    assert paths(Result("idol", "ovis", "instmove_no_image", 0)) == plain
    assert paths(Result("idol", "ovis", "instmove_fixed", 0)) == plain, "its encoder is that of the same IDOL"
    fixed = paths(Result("motion", "ovis_sub", "instmove_fixed", 0))
    assert "checkpoints/idol_cocopretrain_R50.pth" in fixed, "its encoder is that of IDOL on OVIS-Sub"
    assert paths(Result("idol", "ovis", "oracle", 0)) == plain


def test_video_object_segmentation_needs_both_training_sets() -> None:
    found = paths(Result("stcn", "davis", "none", 0))
    assert {"DAVIS/ImageSets/2017/val.txt", "YouTube/train/meta.json", "checkpoints/stcn_s0.pth"} <= found
    assert "checkpoints/resnet50.pth" not in found
    assert "checkpoints/resnet50.pth" in paths(Result("stcn", "davis", "kalman", 0)), (
        "its decoder learned from InstMove"
    )


@pytest.mark.parametrize("name", ["mini", "smoke"])
def test_generated_data_and_shipped_weights_need_nothing(name: str) -> None:
    assert lacking(load_setup(name)) == {}
    assert checkpoint_needs(load_setup(name)) == []


def test_an_empty_folder_has_nothing_and_a_full_one_lacks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    absent = lacking(PAPER)
    assert not any(makeable(PAPER, table, absent) for table in PAPER["tables"])
    pretend_all_is_there(PAPER)
    assert lacking(PAPER) == {}
    Path("checkpoints/unicorn_track_r50_mask.pth").unlink()
    absent = lacking(PAPER)
    assert {result.host for result in absent} == {"unicorn"}
    assert makeable(PAPER, "table5", absent) == []
    assert [result.host for result in makeable(PAPER, "table4", absent)] == ["pcan", "pcan"]
    assert makeable(PAPER, "table1", absent) == available_results(PAPER, "table1")
    assert why_nothing(PAPER, "table5", absent).startswith(
        "table5: nothing of it can be made without checkpoints/unicorn_track_r50_mask.pth; "
    )
    text = left_out_text(PAPER, absent).splitlines()
    assert "  table4   2 of 4 results, without unicorn on bdd" in text
    assert "  unicorn, bdd (checkpoints/unicorn_track_r50_mask.pth), for table4, table5, grid" in text
