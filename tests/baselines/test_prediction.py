"""Every frame through the network once, in windows; what is there already is not computed again."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from fake_host import FakePredictor, seen_at
from tiny_ovis import ANNOTATIONS, FRAMES, write_tiny_ovis

from baselines.cache import video_path
from baselines.cached_video import CachedVideo
from baselines.frames import FramesAhead
from baselines.interface import Instances, SequencePredictor
from baselines.prediction import predict_dataset, predict_video
from instmove.datasets.ytvis import open_ytvis
from instmove.video import Dataset, Image, Video

STAMP = "stamp"


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    root = tmp_path_factory.mktemp("data")
    write_tiny_ovis(root)
    whole = open_ytvis("tiny", root / ANNOTATIONS, root / FRAMES)
    return Dataset("tiny", whole.categories, whole.names[:3], whole.load)


@pytest.mark.parametrize(("window", "windows"), [(1, [1] * 7), (3, [3, 3, 1]), (7, [7]), (50, [7])])
def test_windows(window: int, windows: list[int], dataset: Dataset) -> None:
    predictor = FakePredictor(window)
    frames = list(predict_video(predictor, next(iter(dataset))))
    assert predictor.windows == windows
    assert [frame.rles for frame in frames] == [seen_at(t).rles for t in range(7)]


class Recurrent(SequencePredictor):
    """Finds in a frame what is in the one before it."""

    def predict(self, images: Iterable[Image]) -> Iterator[Instances]:
        for t, _ in enumerate(images):
            yield seen_at(max(t - 1, 0))


def test_a_network_with_a_memory_sees_the_frames_in_their_order(dataset: Dataset) -> None:
    frames = list(predict_video(Recurrent(), next(iter(dataset))))
    assert [frame.rles for frame in frames] == [seen_at(max(t - 1, 0)).rles for t in range(7)]


def test_memory_is_two_windows_of_images(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next window is read while this one is computed, and no further."""
    read: list[int] = []
    image = Video.image
    monkeypatch.setattr(Video, "image", lambda self, t: read.append(t) or image(self, t))
    frames = predict_video(FakePredictor(2), next(iter(dataset)))
    next(frames)
    assert max(read) <= 3
    list(frames)
    assert sorted(read) == list(range(7))


def test_frames_ahead_pass_errors_on(dataset: Dataset) -> None:
    video = next(iter(dataset))
    broken = Video(1, "v", 24, 32, (video.frames[0], Path("nowhere.jpg")), None)
    images = FramesAhead(broken, 5)
    assert images[0].shape == (24, 32, 3)
    with pytest.raises(Exception, match=r"nowhere\.jpg: frame not found"):
        images[1]


def test_resumes_video_by_video(dataset: Dataset, tmp_path: Path) -> None:
    videos, spent = predict_dataset(FakePredictor(4), dataset, tmp_path, STAMP)
    assert videos == dict.fromkeys(dataset.names, 7)
    assert spent.frames == 21 and spent.seconds > 0
    written = {name: video_path(tmp_path, name).read_bytes() for name in dataset.names}

    broken = video_path(tmp_path, dataset.names[1])
    broken.write_bytes(broken.read_bytes()[:-100])
    predictor = FakePredictor(4)
    again, spent = predict_dataset(predictor, dataset, tmp_path, STAMP)
    assert again == videos and spent.frames == 7
    assert predictor.windows == [4, 3], "that video alone"
    assert {name: video_path(tmp_path, name).read_bytes() for name in dataset.names} == written

    _, spent = predict_dataset(FakePredictor(4), dataset, tmp_path, "another stamp")
    assert spent.frames == 21
    with CachedVideo(broken, "another stamp") as frames:
        assert len(frames) == 7
