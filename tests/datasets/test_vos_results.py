"""Results of video object segmentation: what is written is read, and what is wrong is named."""

from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image

from instmove.datasets.labels import PASCAL, write_ids
from instmove.datasets.vos_results import (
    first_given,
    read_archived,
    read_result,
    result_path,
    write_archive,
)
from instmove.errors import InstMoveError
from instmove.masks import decode, encode
from instmove.video import Track, Video


@pytest.fixture
def video() -> Video:
    mask = encode(np.ones((4, 6), dtype=bool))
    frames = (Path("a/00000.jpg"), Path("a/00005.jpg"))
    return Video(1, "clip", 4, 6, frames, (Track(1, 1, (mask, mask)), Track(3, 1, (mask, None))))


@pytest.fixture
def written(tmp_path, video) -> Path:
    labels = np.zeros((4, 6), dtype=np.uint8)
    labels[1, 2:4], labels[3, :] = 3, 1
    for frame in range(2):
        write_ids(result_path(tmp_path, video, frame), labels, PASCAL)
    return tmp_path


def test_round_trip(written, video):
    found = read_result(written, video, [0, 1])
    assert sorted(found) == [1, 3]
    assert decode(found[3][1]).sum() == 2
    assert read_result(written, video, [1])[1][0] is None
    assert read_result(written, video, []) == {}


def test_grey_ids_are_read_too(written, video):
    path = result_path(written, video, 0)
    Image.fromarray(np.full((4, 6), 3, dtype=np.uint8)).save(path)
    assert sorted(read_result(written, video, [0])) == [3]


def spoil(path: Path, how: str) -> None:
    labels = np.zeros((4, 6), dtype=np.uint8)
    if how == "missing":
        path.unlink()
    elif how == "size":
        Image.fromarray(labels[:, :5]).save(path)
    elif how == "mode":
        Image.fromarray(np.stack([labels] * 3, axis=2)).save(path)
    else:
        Image.fromarray(labels + 2).save(path)


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("missing", "is missing from the results"),
        ("size", "result is 4x5, its frame is 4x6"),
        ("mode", "PNG of mode RGB"),
        ("id", r"object 2 is not one of clip's \(1, 3\)"),
    ],
)
def test_what_is_wrong_is_named(written, video, how, says):
    path = result_path(written, video, 1)
    spoil(path, how)
    with pytest.raises(InstMoveError, match=says) as error:
        read_result(written, video, [0, 1])
    assert str(path) in str(error.value)


def test_archive_of_the_server(written, tmp_path_factory):
    first, second = (tmp_path_factory.mktemp("zip") / name for name in ("a.zip", "b.zip"))
    write_archive(written, first)
    write_archive(written, second)
    assert ZipFile(first).namelist() == ["Annotations/clip/00000.png", "Annotations/clip/00005.png"]
    assert first.read_bytes() == second.read_bytes()


def test_what_is_archived_is_read_frame_by_frame(written, video, tmp_path_factory):
    archive = tmp_path_factory.mktemp("zip") / "a.zip"
    with pytest.raises(InstMoveError, match=r"a\.zip: results not found; segment the benchmark again"):
        read_archived(archive, video, [1])
    Image.fromarray(np.full((4, 6), 3, dtype=np.uint8)).save(result_path(written, video, 0))
    write_archive(written, archive)
    assert (read_archived(archive, video, [0])[0] == 3).all()
    found = read_archived(archive, video, [1])
    assert list(found) == [1] and np.bincount(found[1].ravel()).tolist() == [16, 6, 0, 2]


def test_results_begin_where_an_object_is_first_seen(video):
    first, second = video.tracks
    late = replace(second, masks=(None, first.masks[1]))
    assert first_given(video) == 0
    assert first_given(replace(video, tracks=(replace(first, ignored=True), late))) == 1
    assert first_given(replace(video, tracks=(replace(first, masks=(None, None)),))) == 2
    assert first_given(replace(video, tracks=None)) == 2
