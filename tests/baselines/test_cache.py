"""Which predictions a reader accepts: those of its own weights, settings and frames, whole."""

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest
from fake_host import seen_at

from baselines.cache import (
    CacheIdentity,
    cache_identity,
    index_path,
    open_cache,
    positions_in,
    video_path,
    write_index,
)
from baselines.cached_video import write_video
from instmove.config import host_settings, load_setup
from instmove.datasets.splits import Split, SplitVideo, make_split
from instmove.errors import InstMoveError

IDENTITY = CacheIdentity("minvis", "w" * 64, "s" * 16, "f" * 16)
STAMP = IDENTITY.stamp("code")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A cache of the videos ant, 2 frames, and bee, 1 frame."""
    videos = {"ant": 2, "bee": 1}
    for name, frames in videos.items():
        write_video(video_path(tmp_path, name), map(seen_at, range(frames)), STAMP)
    write_index(tmp_path, IDENTITY, STAMP, ["animal", "plant"], videos)
    return tmp_path


def test_reads_what_was_written(folder: Path) -> None:
    cache = open_cache(folder, IDENTITY)
    assert cache.classes == ("animal", "plant") and cache.videos == {"ant": 2, "bee": 1}
    with cache.video("ant") as frames:
        assert [frame.rles for frame in frames] == [seen_at(0).rles, seen_at(1).rles]


def test_reads_the_frames_that_are_asked_for(folder: Path) -> None:
    with open_cache(folder, IDENTITY, {"ant": (1,), "bee": ()}).video("ant") as frames:
        assert [frame.rles for frame in frames] == [seen_at(1).rles] and frames[:1][0].rles == seen_at(1).rles


def test_positions_of_a_sparse_split_s_frames_in_a_denser_one() -> None:
    dense = make_split("dense", "ovis_train", [SplitVideo("ant", (0, 2, 4, 6)), SplitVideo("bee", (0, 1))])
    part = make_split("part", "ovis_train", [SplitVideo("ant", (2, 6))])
    assert positions_in(part, dense) == {"ant": (1, 3)}
    for other in (replace(dense, dataset="ovis_valid"), replace(dense, videos=dense.videos[1:])):
        with pytest.raises(InstMoveError, match="split dense: lacks frames of part"):
            positions_in(part, other)
    with pytest.raises(InstMoveError, match="split part: lacks frames of dense"):
        positions_in(dense, part)


@pytest.mark.parametrize("field", [field.name for field in fields(CacheIdentity)])
def test_another_identity_is_refused(field: str, folder: Path) -> None:
    expected = replace(IDENTITY, **{field: "idol"})
    with pytest.raises(InstMoveError, match=rf"index\.json: predictions of other {field} \(.*, not idol\)"):
        open_cache(folder, expected)


def test_videos_of_another_run_are_refused(folder: Path) -> None:
    """As a run with newer code leaves them when it is stopped before its end."""
    write_video(video_path(folder, "bee"), [seen_at(0)], IDENTITY.stamp("newer code"))
    cache = open_cache(folder, IDENTITY)
    with pytest.raises(InstMoveError, match=r"bee\.zip: of another run"), cache.video("bee"):
        pass


def test_a_number_of_frames_that_the_index_does_not_say(folder: Path) -> None:
    write_video(video_path(folder, "bee"), [seen_at(0)] * 3, STAMP)
    with pytest.raises(InstMoveError, match=r"bee\.zip: 3 frames, not 1"), open_cache(folder, IDENTITY).video("bee"):
        pass


@pytest.mark.parametrize("spoil", [lambda data: data[:40], lambda data: data.replace(b"animal", b"animol")])
def test_a_spoilt_index_is_withdrawn(spoil: Callable[[bytes], bytes], folder: Path) -> None:
    path = index_path(folder)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(InstMoveError, match=r"index\.json: not an index of predictions; run the workflow again"):
        open_cache(folder, IDENTITY)
    with pytest.raises(InstMoveError, match=r"index\.json: no complete predictions"):
        open_cache(folder, IDENTITY)


def test_a_spoilt_video_withdraws_the_index_when_it_is_read(folder: Path) -> None:
    path = video_path(folder, "ant")
    data = bytearray(path.read_bytes())
    data[data.index(b"00001/scores.npy") + 150] ^= 1
    path.write_bytes(data)
    with open_cache(folder, IDENTITY).video("ant") as frames:
        assert frames[0].rles == seen_at(0).rles, "the first frame is whole"
    cache = open_cache(folder, IDENTITY)
    with pytest.raises(InstMoveError, match=r"ant\.zip: broken .*run the workflow again"), cache.video("ant") as frames:
        list(frames)
    assert not index_path(folder).exists() and video_path(folder, "bee").exists()


SPLIT = make_split("tiny", "ovis_train", [SplitVideo("ant", (0, 1, 2))])


def identity(
    weights: Path, overrides: dict[str, object] | None = None, host: str = "minvis", split: Split = SPLIT
) -> CacheIdentity:
    setup = load_setup("mini", overrides)
    return cache_identity(setup, host, host_settings(setup, host, "mini"), weights, split)


@pytest.mark.parametrize(
    ("overrides", "changed"),
    [
        ({"hosts": {"minvis": {"input": {"shortest": 64}}}}, {"settings"}),
        ({"hosts": {"minvis": {"window": 3}}}, {"settings"}),
        ({"hosts": {"minvis": {"training": {"iterations": 7}}}}, set()),
        ({"data_root": "elsewhere"}, {"frames"}),
        ({"generate": {"seed": 5}}, {"frames"}),
        ({"datasets": {"ovis_train": {"images": "other"}}}, {"frames"}),
        ({"datasets": {"ytvis21_train": {"images": "other"}}}, set()),
        ({"association": {"weight": 0.5}}, set()),
    ],
)
def test_identity_is_what_predictions_depend_on(
    overrides: dict[str, object], changed: set[str], tmp_path: Path
) -> None:
    weights = tmp_path / "weights"
    weights.write_bytes(b"1")
    plain, other = identity(weights), identity(weights, overrides)
    assert {f.name for f in fields(CacheIdentity) if getattr(plain, f.name) != getattr(other, f.name)} == changed


def test_identity_of_weights_host_and_split(tmp_path: Path) -> None:
    weights, others = tmp_path / "weights", tmp_path / "others"
    weights.write_bytes(b"1")
    others.write_bytes(b"2")
    plain = identity(weights)
    assert identity(others) == replace(plain, weights=identity(others).weights) != plain
    assert identity(weights, host="idol").host == "idol"
    sparser = make_split("tiny", "ovis_train", [SplitVideo("ant", (0, 2))])
    assert identity(weights, split=sparser) == replace(plain, frames=identity(weights, split=sparser).frames) != plain
