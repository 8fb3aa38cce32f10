"""Which tracklets get motion, from which masks, and how its score enters."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made_up import CopyLast, make_dataset
from numpy.typing import NDArray

from baselines.interface import Instances
from baselines.plug_in import ReleasedPlugIn, plug_in_for
from baselines.settings import AssociationSettings
from instmove import masks
from instmove.masks import BoolArray
from instmove.motion.base import Scene, Tracklet
from instmove.motion.kalman import Kalman
from instmove.video import Video

GRID = (18, 24)
PLAIN = AssociationSettings(weight=0.5, past=(2, 4), gaps="last_seen")
RELEASED = replace(PLAIN, gaps="by_frame", from_frame=2, top=2, released=True)


def blob(x: int, y: int = 4) -> BoolArray:
    mask = np.zeros(GRID, dtype=bool)
    mask[y : y + 6, x : x + 6] = True
    return mask


EMPTY = np.zeros(GRID, dtype=bool)


def seen(*shapes: BoolArray) -> Instances:
    count = len(shapes)
    none = np.zeros((count, 0), dtype=np.float32)
    return Instances(none, none, none, np.array(shapes).reshape(count, *GRID), ())


@pytest.fixture
def video(tmp_path: Path) -> Video:
    return next(iter(make_dataset(tmp_path, videos=1)))


def remember(plug_in: object, *frames: list[BoolArray]) -> None:
    for t, shapes in enumerate(frames):
        everything = np.ones(len(shapes), dtype=bool)
        plug_in.remember(t, np.arange(len(shapes)), seen(*shapes), everything)  # type: ignore[attr-defined]


def test_score_is_the_weighted_iou_with_the_prediction(video: Video) -> None:
    model = CopyLast()
    plug_in = plug_in_for(model, video, PLAIN)
    remember(plug_in, [blob(1), blob(12)], [blob(2), blob(12)])
    candidates = seen(blob(5), blob(13), EMPTY)
    score = plug_in.score(2, [0, 1], candidates)
    expected = 0.5 * masks.mask_iou(np.stack([blob(2), blob(12)]), candidates.masks)
    np.testing.assert_allclose(score, expected)
    assert len(model.calls) == 1, "all tracklets of a frame in one call"
    assert plug_in.predictions == 2 and plug_in.seconds > 0


def test_tracklets_with_too_few_masks_score_nothing(video: Video) -> None:
    model = CopyLast()
    plug_in = plug_in_for(model, video, PLAIN)
    remember(plug_in, [blob(1)], [blob(1), blob(12)], [blob(1), blob(12)])
    plug_in.remember(3, np.array([7]), seen(blob(12, 10)), np.array([True]))
    score = plug_in.score(4, [0, 7, 1, 99], seen(blob(1), blob(12)))
    np.testing.assert_array_equal(score != 0, [[True, False], [False, False], [False, True], [False, False]])
    ((tracklets, _),) = model.calls
    assert [tracklet.frames for tracklet in tracklets] == [(0, 1, 2), (1, 2)]


def test_no_more_than_the_most_masks(video: Video) -> None:
    model = CopyLast()
    plug_in = plug_in_for(model, video, PLAIN)
    remember(plug_in, *([blob(t)] for t in range(7)))
    plug_in.score(7, [0], seen(blob(1)))
    assert model.calls[0][0][0].frames == (3, 4, 5, 6)


def test_only_the_most_confident(video: Video) -> None:
    plug_in = plug_in_for(CopyLast(), video, replace(PLAIN, top=1))
    remember(plug_in, *[[blob(1), blob(8), blob(15)]] * 2)
    score = plug_in.score(2, [0, 1, 2], seen(blob(1), blob(8), blob(15)), np.array([0.1, 0.7, 0.7]))
    np.testing.assert_array_equal(np.argwhere(score), [[1, 1]])
    with pytest.raises(ValueError, match="confidence"):
        plug_in.score(2, [0, 1, 2], seen(blob(1)))


def test_kalman_scores_by_its_own_rule(video: Video) -> None:
    plug_in = plug_in_for(Kalman(), video, replace(PLAIN, weight=1.0))
    remember(plug_in, [blob(4)], [blob(4)])
    score = plug_in.score(2, [0], seen(blob(4), blob(10)))
    np.testing.assert_allclose(score, [[1, np.exp(-1)]], atol=1e-6)


class Looking(CopyLast):
    def __init__(self, images: int) -> None:
        super().__init__()
        self.images = images


@pytest.mark.parametrize("images", [0, 1, 2])
def test_images_are_read_where_the_model_looks(images: int, video: Video, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    image = Video.image
    monkeypatch.setattr(Video, "image", lambda self, t: read.append(t) or image(self, t))
    model = Looking(images)
    plug_in = plug_in_for(model, video, PLAIN)
    for t in range(len(video)):
        plug_in.score(t, [0], seen(blob(1)))
        remember_one(plug_in, t)
    scenes = [scene for _, scene in model.calls]
    assert [scene.frame for scene in scenes] == list(range(2, len(video)))
    assert sorted(read) == [[], [*range(2, len(video))], [*range(1, len(video))]][images], "each once"
    for scene in scenes:
        shown = [None if picture is None else int(picture[0, 0, 0]) for picture in (scene.image, scene.previous)]
        assert shown == [20 * scene.frame if images > 0 else None, 20 * (scene.frame - 1) if images > 1 else None]


def remember_one(plug_in: object, frame: int) -> None:
    plug_in.remember(frame, np.array([0]), seen(blob(1)), np.array([True]))  # type: ignore[attr-defined]


def test_frames_without_instances(video: Video) -> None:
    plug_in = plug_in_for(CopyLast(), video, PLAIN)
    remember(plug_in, [], [blob(1)], [blob(1)])
    assert plug_in.score(3, [0], seen()).shape == (1, 0)
    assert plug_in.score(3, [], seen(blob(1))).shape == (0, 1)


class Recorder(CopyLast):
    def predict(self, tracklets: Sequence[Tracklet], scene: Scene) -> NDArray[np.float32]:
        super().predict(tracklets, scene)
        return np.stack([blob(3) for _ in tracklets]).astype(np.float32)


def test_released_scores(video: Video) -> None:
    """From the third frame on; without motion an empty candidate counts as found; 2 past masks, then 4."""
    model = Recorder()
    plug_in = plug_in_for(model, video, RELEASED)
    assert isinstance(plug_in, ReleasedPlugIn)
    confidence = np.array([0.9, 0.2, 0.5])
    for t in range(6):
        candidates = seen(blob(3), EMPTY, blob(10))
        score = plug_in.score(t, [0, 1, 2], candidates, confidence)
        if t < 2:
            assert not score.any()
        else:
            small = 1e-6 / (36 + 1e-6)
            union = 36 + 36 + 1e-6
            moved = [1, small, 1e-6 / union]
            np.testing.assert_allclose(score, 0.5 * np.array([moved, [small, 1, small], moved]), rtol=1e-5)
        plug_in.remember(t, np.array([0, 1, 2]), candidates, np.zeros(3, dtype=bool))
    assert [[tracklet.frames for tracklet in tracklets] for tracklets, _ in model.calls] == [
        [(0, 1)] * 2,
        [(1, 2)] * 2,
        [(0, 1, 2, 3)] * 2,
        [(1, 2, 3, 4)] * 2,
    ]
