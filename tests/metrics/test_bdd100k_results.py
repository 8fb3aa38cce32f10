"""Results in BDD100K's formats: what is written is read back the same, and what does not fit is named."""

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image

from instmove.datasets.bdd100k import open_bdd100k, write_clip
from instmove.errors import InstMoveError
from instmove.files import read_json
from instmove.masks import Rle, encode
from instmove.metrics.bdd100k_results import bitmask_files, read_results, rle_files, write_archive, write_folder
from instmove.metrics.mots import evaluate_video, summary
from instmove.video import Clip, Dataset, Track, Video

MOTS = Path(__file__).parents[1] / "reference" / "mots"


def clip(name: str, left: int) -> Clip:
    """Two blocks in three frames, one of them not in the first; the class of each is its id."""
    one, three = np.zeros((2, 12, 20), dtype=bool)
    one[2:6, 2:8], three[7:11, left : left + 5] = True, True
    tracks = Track(1, 1, (encode(one),) * 3), Track(3, 3, (None, encode(three), encode(three)))
    return Clip(name, [np.full((12, 20, 3), 50 * t, dtype=np.uint8) for t in range(3)], tracks)


def content(tracks: Sequence[Track]) -> list[tuple[int, int, tuple[Rle | None, ...]]]:
    return [(track.id, track.category, track.masks) for track in tracks]


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    for left, name in ((10, "ant"), (12, "bee")):
        write_clip(tmp_path / "data", "val", clip(name, left))
    return open_bdd100k("made", tmp_path / "data", "val")


def truths(dataset: Dataset) -> list[tuple[Video, tuple[Track, ...]]]:
    return [(video, video.tracks or ()) for video in dataset]


@pytest.mark.parametrize("files", [bitmask_files, rle_files])
@pytest.mark.parametrize("zipped", [False, True])
def test_what_is_written_is_read_back(files: Callable, zipped: bool, dataset: Dataset, tmp_path: Path) -> None:
    place = tmp_path / ("result.zip" if zipped else "result")
    (write_archive if zipped else write_folder)(place, files(truths(dataset)))
    found = list(read_results(place, dataset))
    assert [video.name for video, _ in found] == ["ant", "bee"]
    for (video, tracks), (_, expected) in zip(found, truths(dataset), strict=True):
        assert content(tracks) == content(expected)
        assert summary(evaluate_video(video, tracks, range(1, 9)).counts)["MOTA"] == 100


def test_bitmasks_are_those_of_the_format(dataset: Dataset) -> None:
    (name, data), *_ = bitmask_files([(dataset.load("ant"), (Track(770, 3, (full(),) * 3),))])
    assert name == "ant/ant-0000001.png"
    assert np.asarray(Image.open(io.BytesIO(data)))[0, 0].tolist() == [3, 0, 3, 2], "class, flags, id in two bytes"


def full() -> Rle:
    return encode(np.ones((12, 20), dtype=bool))


def test_an_official_result_is_read(tmp_path: Path) -> None:
    """The toolkit's own test case, whose frames are named .png where the images are .jpg."""
    frames = read_json(MOTS / "scalabel" / "seg_track_preds.json")
    name = frames[0]["videoName"]
    paths = tuple(Path(f"{name}-{t:07}.jpg") for t in range(1, len(frames) + 1))
    video = Video(1, name, 720, 1280, paths, ())
    dataset = Dataset("official", {}, (name,), lambda _: video)
    ((_, tracks),) = read_results(MOTS / "scalabel" / "seg_track_preds.json", dataset)
    masks = sum(len(track.visible()) for track in tracks)
    assert masks == sum(bool(label.get("rle")) for frame in frames for label in frame["labels"]) == 1567


def changed(path: Path, change: Callable[[list], None]) -> None:
    content = read_json(path)
    change(content)
    path.write_text(json.dumps(content))


def an_id_twice(frames: list) -> None:
    frames[1]["labels"][1]["id"] = "1"


def an_overlap(frames: list) -> None:
    frames[1]["labels"][1]["rle"] = frames[1]["labels"][0]["rle"]


def a_large_id(frames: list) -> None:
    frames[0]["labels"][0]["id"] = "65536"


def a_ninth_category(frames: list) -> None:
    frames[0]["labels"][0]["category"] = "tram"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (an_id_twice, "bee.*frame 1: object 1 occurs twice"),
        (an_overlap, "bee, frame bee-0000002: masks of the result overlap"),
        (a_large_id, "bee, frame bee-0000001: id 65536 is not a number from 1 to 65535"),
        (a_ninth_category, "bee, frame bee-0000001, object 1: unknown category 'tram'"),
        (lambda frames: frames.pop(1), "frame bee-0000002 of video bee is missing"),
        (lambda frames: frames[1].update(name="other.jpg"), "bee has no frame other"),
        (lambda frames: frames[1].update(videoName="cow"), "video cow is not in made"),
    ],
)
def test_rles_that_do_not_fit(change: Callable, says: str, dataset: Dataset, tmp_path: Path) -> None:
    write_folder(tmp_path / "result", rle_files(truths(dataset)))
    changed(tmp_path / "result" / "bee.json", change)
    with pytest.raises(InstMoveError, match=says):
        list(read_results(tmp_path / "result", dataset))


def two_classes(path: Path) -> None:
    bitmask = np.array(Image.open(path))
    bitmask[2, 2, 0] = 4
    Image.fromarray(bitmask).save(path)


def class_nine(path: Path) -> None:
    bitmask = np.array(Image.open(path))
    bitmask[bitmask[..., 3] == 1, 0] = 9
    Image.fromarray(bitmask).save(path)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (two_classes, "instance 1 has class 1 flags 0, class 4 flags 0"),
        (class_nine, "instance 1 has class 9 flags 0"),
        (Path.unlink, "frame ant-0000002 of video ant is missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:40]), "ant, frame ant-0000002: cannot be read"),
        (lambda path: Image.new("L", (20, 12)).save(path), "mode L and 12x20; expected a bitmask, RGBA and 12x20"),
        (lambda path: path.rename(path.with_suffix(".jpg")), "holds .jpg, .png; a result is bitmasks"),
    ],
)
def test_bitmasks_that_do_not_fit(change: Callable, says: str, dataset: Dataset, tmp_path: Path) -> None:
    write_folder(tmp_path / "result", bitmask_files(truths(dataset)))
    change(tmp_path / "result" / "ant" / "ant-0000002.png")
    with pytest.raises(InstMoveError, match=says):
        list(read_results(tmp_path / "result", dataset))


@pytest.mark.parametrize(
    ("track", "says"),
    [
        (Track(65536, 3, (None,) * 3), "bee: track 65536: ids of a result are 1 to 65535"),
        (Track(5, 9, (None,) * 3), "bee: track 5: category 9 is not one of BDD100K's eight"),
        (Track(5, 3, (full(), None, None)), "bee, frame bee-0000001.jpg: masks of the result overlap"),
    ],
)
@pytest.mark.parametrize("files", [bitmask_files, rle_files])
def test_nothing_is_written_of_what_does_not_fit(
    files: Callable, track: Track, says: str, dataset: Dataset, tmp_path: Path
) -> None:
    first, (video, tracks) = truths(dataset)
    for place, write in ((tmp_path / "out", write_folder), (tmp_path / "out.zip", write_archive)):
        with pytest.raises(InstMoveError, match=says):
            write(place, files([first, (video, (*tracks, track))]))
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_crowds_of_a_result_do_not_count(dataset: Dataset, tmp_path: Path) -> None:
    marked = [(video, [replace(track, ignored=track.id == 3) for track in tracks]) for video, tracks in truths(dataset)]
    write_archive(tmp_path / "result.zip", rle_files(marked))
    assert [[track.id for track in tracks] for _, tracks in read_results(tmp_path / "result.zip", dataset)] == [
        [1],
        [1],
    ]


def test_equal_results_are_equal_bytes(dataset: Dataset, tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        write_archive(tmp_path / name, rle_files(truths(dataset)))
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert ZipFile(tmp_path / "a.zip").namelist() == ["ant.json", "bee.json"]


def test_what_is_no_result_at_all(dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "result.txt").write_text("none")
    with pytest.raises(InstMoveError, match=r"result\.txt: neither a folder nor an archive"):
        list(read_results(tmp_path / "result.txt", dataset))
