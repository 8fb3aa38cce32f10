"""Scoring folders of results: seen and unseen categories, and what cannot be scored is refused in one line."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_clips import box_clip

from instmove.datasets import davis, ytvos
from instmove.datasets.labels import DAVIS, paint, write_ids
from instmove.datasets.vos_results import result_path
from instmove.errors import InstMoveError
from instmove.metrics.vos_scoring import score_folder, seen_in_training
from instmove.video import Dataset

NAMES = {1: "ape", 2: "bee"}


def written(root: Path, split: str, first_only: bool = False) -> Dataset:
    entry = ytvos.write_clip(root / "YouTube", split, box_clip("v"), NAMES, first_only)
    ytvos.write_meta(root / "YouTube", split, {"v": entry})
    return ytvos.open_ytvos("made", root / "YouTube", split)


def without_category(root: Path, split: str, number: int) -> Dataset:
    """The written split whose meta.json says nothing of one object."""
    described = ytvos.describe(written(root, split).load("v"), {0: "unknown"} | NAMES)
    del described["objects"][str(number)]
    ytvos.write_meta(root / "YouTube", split, {"v": described})
    return ytvos.open_ytvos("made", root / "YouTube", split)


def results(root: Path) -> Path:
    """What a perfect method writes."""
    video = written(root, "truth").load("v")
    for t in range(len(video)):
        labels = paint(video.tracks or (), t, video.height, video.width)
        write_ids(result_path(root / "results", video, t), labels, DAVIS)
    return root / "results"


def setup(root: Path) -> dict[str, Any]:
    entry = {"format": "ytvos", "root": "YouTube", "split": "train"}
    return {"data_root": str(root), "datasets": {"t": entry}, "splits": {"ytvos": {"dataset": "t"}}}


def test_perfect_results_score_one(tmp_path: Path) -> None:
    scored = list(score_folder(results(tmp_path), written(tmp_path, "valid"), "ytvos"))
    assert [(each.object, each.frames, each.j.tolist()) for each in scored] == [(n, (1, 2), [1, 1]) for n in (1, 2)]


def test_first_masks_alone_are_no_truth(tmp_path: Path) -> None:
    dataset = written(tmp_path, "valid", first_only=True)
    said = r"^made: no object has a mask after its first frame, .* withheld; send the results to the benchmark's server"
    with pytest.raises(InstMoveError, match=said):
        list(score_folder(results(tmp_path), dataset, "ytvos"))
    davis.write_clip(tmp_path / "DAVIS", box_clip("v"))
    for later in ("00001", "00002"):
        (tmp_path / f"DAVIS/Annotations/480p/v/{later}.png").unlink()
    with pytest.raises(InstMoveError, match="later frames is withheld"):
        list(score_folder(results(tmp_path), davis.open_davis("d", tmp_path / "DAVIS"), "davis"))
    absent = replace(dataset, load=lambda name: replace(dataset.load(name), tracks=None))
    with pytest.raises(InstMoveError, match="later frames is withheld"):
        list(score_folder(results(tmp_path), absent, "ytvos"))


def test_an_object_without_a_category_is_neither_seen_nor_unseen(tmp_path: Path) -> None:
    dataset = without_category(tmp_path, "valid", 2)
    with pytest.raises(InstMoveError, match=r"^v: object 2 has no category in meta\.json, so whether"):
        list(score_folder(results(tmp_path), dataset, "ytvos"))
    assert len(list(score_folder(results(tmp_path), dataset, "davis"))) == 2, "DAVIS's metrics do not ask for it"


def test_seen_categories_are_those_that_training_names(tmp_path: Path) -> None:
    held_out = written(tmp_path, "valid")
    without_category(tmp_path, "train", 2)
    assert seen_in_training(setup(tmp_path), "ytvos", held_out) == {1}
