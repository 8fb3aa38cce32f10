"""From the authors' two checkpoints to the archive for the OVIS server, by the one command that the README names.

The checkpoints have the authors' keys and shapes and seeded values; the videos have no annotations, as OVIS val.
"""

import json
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
import torch
from parity import load_fixture, load_keys, seeded_state
from workflow_runs import link_workflow, snakemake

from instmove import masks
from instmove.datasets.ytvis import OVIS_FRAMES, write_annotations, write_clip_frames
from instmove.video import Clip, Track

pytestmark = pytest.mark.slow
HEIGHT, WIDTH = 36, 64
CATEGORIES = {number: f"category {number}" for number in range(1, 26)}
CLASS_LAYER = "sem_seg_head.predictor.class_embed"
ARCHIVE = "results/paper/metrics/minvis/ovis/instmove_release/seed0.results.zip"
SMALLER = (
    "datasets={ovis_train: {expect: {videos: 2}}, ovis_valid: {expect: {videos: 2}}}",
    "hosts={minvis: {input: {shortest: 64, longest: 128}}}",
    "association={top: {minvis: 1}}",
    "device=cpu",
    "threads=1",
)


def write_checkpoints(folder: Path) -> None:
    """``minvis_ovis_R50.pth`` as detectron2 saves it, with OVIS's 25 classes, and ``motion_model.pth``."""
    folder.mkdir()
    _, meta = load_fixture("minvis_r50", "minvis")
    minvis = seeded_state(load_keys("minvis_r50", "minvis"), meta)
    for name in (f"{CLASS_LAYER}.weight", f"{CLASS_LAYER}.bias"):
        minvis[name] = minvis[name][: len(CATEGORIES) + 1].clone()
    torch.save({"model": minvis, "iteration": 5999}, folder / "minvis_ovis_R50.pth")
    _, meta = load_fixture("instmove", "instmove")
    torch.save(seeded_state(load_keys("instmove", "instmove"), meta), folder / "motion_model.pth")


def write_ovis(root: Path) -> None:
    """Two validation videos of different lengths without truth; the training part is a JSON and no frame."""
    noise = np.random.default_rng(0)
    box = masks.encode(np.ones((HEIGHT, WIDTH), dtype=bool))
    headers = []
    for name, frames in (("0a1b2c3d", 3), ("4e5f6a7b", 2)):
        images = [noise.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8) for _ in range(frames)]
        clip = Clip(name, images, (Track(1, 1, (box,) * frames),))
        headers.append(write_clip_frames(root / "valid", clip, OVIS_FRAMES))
    write_annotations(root / "annotations_valid.json", headers, CATEGORIES, withheld=True)
    write_annotations(root / "annotations_train.json", headers, CATEGORIES)
    (root / "train").mkdir()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("released")
    link_workflow(folder)
    write_ovis(folder / "data/paper/ovis")
    write_checkpoints(folder / "checkpoints")
    done = snakemake(folder, ARCHIVE, "--config", "setup=paper", *SMALLER)
    assert done.returncode == 0, done.stdout
    return folder


def test_the_archive_is_what_the_server_takes(made: Path) -> None:
    with ZipFile(made / ARCHIVE) as archive:
        assert archive.namelist() == ["results.json"]
        results = json.loads(archive.read("results.json"))
    lengths = {1: 3, 2: 2}
    assert {result["video_id"] for result in results} == lengths.keys()
    for result in results:
        assert result.keys() == {"video_id", "score", "category_id", "segmentations"}
        assert result["category_id"] in CATEGORIES and 0 <= result["score"] <= 1
        assert len(result["segmentations"]) == lengths[result["video_id"]]
        assert all(rle is None or rle["size"] == [HEIGHT, WIDTH] for rle in result["segmentations"])


def test_its_origin_is_the_authors_weights_with_their_settings(made: Path) -> None:
    metrics = json.loads((made / ARCHIVE).with_name("seed0.json").read_text())
    variant = metrics["origin"]["variant"]
    assert (variant["model"], variant["weight"], variant["from_frame"]) == ("instmove_authors", 0.5, 2)
    assert variant["gaps"] == "by_frame" and variant["released"]
    assert metrics["origin"]["weights"].keys() == {"host", "motion"}
    assert metrics["metrics"]["AP"]["value"] is None, "the truth is withheld"
    run = json.loads((made / ARCHIVE).with_name("seed0.run.json").read_text())
    assert run["tracklet_predictions"] > 0, "motion had a part in it"
