"""One video in one file: what is read is what was written, and a damaged file is never taken for a whole one."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from baselines.cached_video import BrokenVideoError, CachedVideo, is_whole, write_video
from baselines.interface import Instances
from instmove import masks
from instmove.errors import InstMoveError

STAMP = "0123456789abcdef"


def frame(
    rng: np.random.Generator, count: int, size: tuple[int, int], grid: tuple[int, int], extras: int = 0
) -> Instances:
    return Instances(
        scores=rng.standard_normal((count, 5)).astype(np.float32),
        boxes=rng.standard_normal((count, 4)).astype(np.float32),
        embeddings=rng.standard_normal((count, 7)).astype(np.float32),
        masks=rng.random((count, *grid)) < 0.5,
        rles=tuple(masks.encode(rng.random(size) < rng.random()) for _ in range(count)),
        extras={name: rng.random((count, 2, 3), dtype=np.float32) for name in ("features", "logits")[:extras]},
    )


def same(first: Instances, second: Instances) -> bool:
    names = ("scores", "boxes", "embeddings", "masks")
    arrays = [(getattr(first, name), getattr(second, name)) for name in names]
    arrays += [(first.extras[name], second.extras[name]) for name in first.extras | second.extras]
    return first.rles == second.rles and all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in arrays)


@st.composite
def videos(draw: Callable) -> list[Instances]:
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    size, grid = (tuple(rng.integers(1, 20, 2).tolist()) for _ in range(2))
    extras = draw(st.integers(0, 2))
    return [frame(rng, int(rng.integers(0, 4)), size, grid, extras) for _ in range(draw(st.integers(1, 4)))]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(frames=videos())
def test_round_trip(frames: list[Instances], tmp_path: Path) -> None:
    path = tmp_path / "video.zip"
    assert write_video(path, iter(frames), STAMP) == len(frames)
    assert is_whole(path, STAMP, len(frames))
    with CachedVideo(path, STAMP) as cached:
        assert len(cached) == len(frames)
        assert all(same(a, b) for a, b in zip(cached, frames, strict=True))
        assert same(cached[-1], frames[-1]) and len(cached[1:]) == len(frames) - 1
        with pytest.raises(IndexError):
            cached[len(frames)]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    write_video(tmp_path / "video.zip", (frame(rng, 3, (20, 30), (10, 15), extras=1) for _ in range(2)), STAMP)
    return tmp_path / "video.zip"


def test_equal_frames_are_equal_bytes(written: Path) -> None:
    with CachedVideo(written, STAMP) as cached:
        write_video(written.with_name("again.zip"), cached, STAMP)
    assert written.read_bytes() == written.with_name("again.zip").read_bytes()


def test_one_frame_is_in_memory_at_a_time(tmp_path: Path) -> None:
    """Frames are taken from the caller one after another, and a crash in between leaves nothing."""
    rng = np.random.default_rng(0)

    def frames() -> object:
        yield frame(rng, 1, (4, 4), (2, 2))
        assert len(list(tmp_path.iterdir())) == 1, "being written"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_video(tmp_path / "video.zip", frames(), STAMP)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("share", [0, 0.01, 0.3, 0.6, 0.9, 0.999])
def test_truncated(written: Path, share: float) -> None:
    data = written.read_bytes()
    written.write_bytes(data[: int(share * len(data))])
    assert not is_whole(written, STAMP, 2)
    with pytest.raises(BrokenVideoError, match=r"video\.zip: (broken|of another run)"):
        list(CachedVideo(written, STAMP))


def test_a_wrong_byte_anywhere_is_found(written: Path) -> None:
    """Or changes nothing that is read, as the time stamps do."""
    data = written.read_bytes()
    with CachedVideo(written, STAMP) as cached:
        expected = list(cached)
    for position in range(0, len(data), 23):
        damaged = bytearray(data)
        damaged[position] ^= 0xFF
        written.write_bytes(damaged)
        try:
            with CachedVideo(written, STAMP) as cached:
                read = list(cached)
        except BrokenVideoError:
            continue
        assert len(read) == 2 and all(same(a, b) for a, b in zip(read, expected, strict=True)), position


def test_of_another_run(written: Path) -> None:
    assert not is_whole(written, "fedcba9876543210", 2) and not is_whole(written, STAMP, 3)
    with pytest.raises(BrokenVideoError, match="of another run than the index"):
        CachedVideo(written, "fedcba9876543210")


def test_missing(tmp_path: Path) -> None:
    assert not is_whole(tmp_path / "video.zip", STAMP, 2)
    with pytest.raises(BrokenVideoError, match=r"video\.zip: broken"):
        CachedVideo(tmp_path / "video.zip", STAMP)


@pytest.mark.parametrize("name", ["scores", "boxes", "embeddings"])
@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_a_network_that_gives_no_numbers_is_named_and_nothing_is_written(name: str, odd: float, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    good, bad = (frame(rng, 2, (8, 9), (4, 5)) for _ in range(2))
    getattr(bad, name)[1, 2] = odd
    with pytest.raises(InstMoveError, match=rf"ant, frame 1: the network's {name} are not finite"):
        write_video(tmp_path / "ant.zip", [good, bad], STAMP)
    assert not list(tmp_path.iterdir())
