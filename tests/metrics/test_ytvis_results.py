import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
from made_tracks import noisy_predictions
from made_up import make_dataset

from instmove import masks
from instmove.errors import InstMoveError
from instmove.metrics.ytvis_results import read_results, write_results
from instmove.video import Dataset


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return make_dataset(tmp_path / "frames", videos=3)


def write(dataset: Dataset, path: Path) -> list[dict[str, Any]]:
    write_results(path, ((video, noisy_predictions(video, seed=0)) for video in dataset))
    with ZipFile(path) as archive:
        content: list[dict[str, Any]] = json.loads(archive.read("results.json"))
    return content


def read_edited(dataset: Dataset, folder: Path, entry: int, **changes: Any) -> None:
    content = write(dataset, folder / "r.zip")
    content[entry] |= changes
    (folder / "r.json").write_text(json.dumps(content))
    list(read_results(folder / "r.json", dataset))


def test_the_archive_is_what_the_servers_take(dataset: Dataset, tmp_path: Path) -> None:
    content = write(dataset, tmp_path / "r.zip")
    with ZipFile(tmp_path / "r.zip") as archive:
        assert archive.namelist() == ["results.json"]
    videos = {video.id: video for video in dataset}
    assert {entry["video_id"] for entry in content} == set(videos)
    for entry in content:
        assert set(entry) == {"video_id", "category_id", "score", "segmentations"}
        assert len(entry["segmentations"]) == len(videos[entry["video_id"]])
        assert all(rle is None or isinstance(rle["counts"], str) for rle in entry["segmentations"])


def test_results_survive_the_file(dataset: Dataset, tmp_path: Path) -> None:
    write(dataset, tmp_path / "r.zip")
    for video, predictions in read_results(tmp_path / "r.zip", dataset):
        assert predictions == noisy_predictions(video, seed=0)


def test_equal_results_are_equal_bytes(dataset: Dataset, tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        write(dataset, tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_no_result_at_all_is_an_empty_list(dataset: Dataset, tmp_path: Path) -> None:
    write_results(tmp_path / "r.zip", ((video, []) for video in dataset))
    assert [predictions for _, predictions in read_results(tmp_path / "r.zip", dataset)] == [[], [], []]


WRONG_SIZE = masks.encode(np.ones((5, 5), dtype=bool))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"video_id": 77}, r"entry 2: video 77 is not in made-up"),
        ({"video_id": "1"}, r"entry 2: video_id and category_id must be whole numbers"),
        ({"category_id": 9}, r"entry 2: category 9 is not one of the dataset's \(1, 2, 3\)"),
        ({"score": float("nan")}, r"entry 2: score nan is not a number"),
        ({"score": None}, r"entry 2: score None is not a number"),
        ({"segmentations": [None]}, r"entry 2: 1 masks for the 9 frames of video 0"),
        ({"segmentations": None}, r"entry 2: no masks for the 9 frames"),
        (
            {"segmentations": [None] * 8 + [WRONG_SIZE]},
            r"entry 2, frame 8: mask of size \[5, 5\] in a frame of \[36, 48\]",
        ),
        ({"segmentations": [{"size": [36, 48], "counts": "0"}] * 9}, r"entry 2, frame 0: broken RLE"),
        ({"segmentations": [[0, 0, 1, 1]] * 9}, r"entry 2, frame 0: expected null or a compressed RLE"),
    ],
)
def test_what_does_not_fit_is_named(changes: dict[str, Any], message: str, dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(InstMoveError, match=r"r\.json: " + message):
        read_edited(dataset, tmp_path, 2, **changes)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("r.zip", b"not a zip", "not an archive with a results.json"),
        ("r.json", b'{"a": 1}', "not a list of results"),
        ("r.json", b"[1]", "entry 0: expected an object with category_id, score, segmentations, video_id"),
        ("r.json", b"[", "not valid JSON"),
    ],
)
def test_foreign_files_are_refused(name: str, content: bytes, message: str, dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InstMoveError, match=message):
        list(read_results(tmp_path / name, dataset))
    with pytest.raises(InstMoveError, match="missing"):
        list(read_results(tmp_path / f"missing-{name}", dataset))
