"""A tracker over cached instances: as published, with motion, with true identities."""

from dataclasses import asdict, replace
from pathlib import Path

import fake_host
import numpy as np
import pytest
from fake_host import FakeTracker, seen_at
from made_up import CopyLast
from tiny_ovis import ANNOTATIONS, FRAMES, write_tiny_ovis

from baselines.association import Association, AssociationCost, associate_dataset
from baselines.cache import CacheIdentity, PredictionCache, open_cache, video_path, write_index
from baselines.cached_video import write_video
from baselines.settings import AssociationSettings
from instmove.datasets.ytvis import open_ytvis
from instmove.motion.base import MotionModel
from instmove.video import Dataset, Video

NONE = AssociationSettings(weight=1.0, past=(2, 4), gaps="last_seen")
ORACLE = replace(NONE, model="oracle")
SEEN = [seen_at(t) for t in range(7)]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    root = tmp_path_factory.mktemp("data")
    write_tiny_ovis(root)
    whole = open_ytvis("tiny", root / ANNOTATIONS, root / FRAMES)
    return Dataset("tiny", whole.categories, whole.names[:2], whole.load)


@pytest.fixture
def video(dataset: Dataset) -> Video:
    return next(iter(dataset))


def association(settings: AssociationSettings, model: MotionModel | None = None) -> Association:
    return Association(fake_host, {}, settings, model)  # type: ignore[arg-type]


def test_without_motion_it_is_the_plain_tracker(video: Video) -> None:
    plain = FakeTracker(None)
    ids = [plain.step(t, instances) for t, instances in enumerate(SEEN)]
    cost = AssociationCost()
    assert association(NONE).tracks(video, SEEN, cost) == plain.results(ids, SEEN)
    assert cost.frames == 7 and cost.association_seconds > 0
    assert cost.motion_seconds == cost.tracklet_predictions == 0


def test_a_weight_of_zero_is_no_motion_either(video: Video) -> None:
    with_motion = association(replace(NONE, weight=0.0), CopyLast())
    assert with_motion.tracks(video, SEEN, AssociationCost()) == association(NONE).tracks(
        video, SEEN, AssociationCost()
    )


def purity(tracks: list[fake_host.VideoPrediction]) -> float:
    """Share of masks that are on the object that most of the track is on."""
    rows = [{rle["counts"] for rle in track.masks if rle} for track in tracks]
    first = {instances.rles[t % 2 if len(instances) > 1 else 0]["counts"] for t, instances in enumerate(SEEN)}
    return sum(max(len(row & first), len(row - first)) for row in rows) / sum(map(len, rows))


def test_motion_decides_where_appearance_cannot(video: Video) -> None:
    cost = AssociationCost()
    plain, moved = (association(NONE).tracks(video, SEEN, cost) for _ in range(2))
    assert plain == moved and purity(plain) < 0.8
    cost = AssociationCost()
    gaps = replace(ORACLE, past=(1, 4))
    assert purity(association(gaps).tracks(video, SEEN, cost)) == 1
    assert cost.motion_seconds > 0 and cost.tracklet_predictions == 11


def test_oracle_association(video: Video) -> None:
    """Each track is one object in every frame where it was seen."""
    tracks = association(replace(NONE, association="oracle")).tracks(video, SEEN, AssociationCost())
    assert [track.label for track in tracks] == [0, 1] and purity(tracks) == 1
    assert video.tracks is not None
    for track, truth in zip(tracks, video.tracks, strict=True):
        assert track.masks == truth.masks


@pytest.fixture
def cache(dataset: Dataset, tmp_path: Path) -> PredictionCache:
    identity = CacheIdentity("fake", "w", "s", "f")
    for name in dataset.names:
        write_video(video_path(tmp_path, name), SEEN, "stamp")
    write_index(tmp_path, identity, "stamp", ["plant", "fungus", "animal"], dict.fromkeys(dataset.names, 7))
    return open_cache(tmp_path, identity)


def test_a_dataset_from_its_cache(dataset: Dataset, cache: PredictionCache) -> None:
    """Classes by name: the network's first is the dataset's second category, its second no category of it."""
    cost = AssociationCost()
    found = list(associate_dataset(association(replace(NONE, association="oracle")), dataset, cache, cost))
    assert [video.name for video, _ in found] == list(dataset.names)
    for _, tracks in found:
        assert [track.category for track in tracks] == [2]
        assert tracks[0].score == pytest.approx(0.9)
    assert cost == AssociationCost(), "identities that are given cost nothing"


def test_the_record_of_a_run_is_per_frame_and_beside_the_network() -> None:
    cost = AssociationCost(frames=100, association_seconds=0.5, motion_seconds=2.0, tracklet_predictions=400)
    record = cost.record(network=0.04)
    assert (record["motion_ms_per_frame"], record["association_ms_per_frame"]) == pytest.approx((20, 5))
    assert (record["motion_share"], record["association_share"]) == pytest.approx((0.5, 0.125))
    assert record["tracklet_predictions"] == 400
    assert "motion_share" not in cost.record(network=None)
    assert AssociationCost().record(network=0.04) == asdict(AssociationCost())


def test_nothing_found_in_a_whole_video(video: Video) -> None:
    nothing = [instances.select(np.arange(0)) for instances in SEEN]
    for settings in (NONE, ORACLE, replace(NONE, association="oracle")):
        assert association(settings).tracks(video, nothing, AssociationCost()) == []
