"""The two histories against looking everything up in a list of all frames."""

from collections.abc import Callable

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from baselines.history import ByFrame, LastSeen

SIZE = (2, 3)
Frame = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Ids, masks, accepted."""


@st.composite
def videos(draw: Callable) -> list[Frame]:
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    frames = []
    for _ in range(draw(st.integers(1, 8))):
        count = int(rng.integers(0, 5))
        ids = np.where(rng.random(count) < 0.2, -1, rng.permutation(5)[:count])
        frames.append((ids, rng.random((count, *SIZE)) < 0.5, rng.random(count) < 0.7))
    return frames


def row_of(frame: Frame, identity: int) -> int | None:
    return frame[0].tolist().index(identity) if identity in frame[0] else None


@settings(max_examples=40, deadline=None)
@given(videos(), st.integers(1, 4))
def test_last_seen(frames: list[Frame], most: int) -> None:
    history = LastSeen(most)
    for t, (ids, masks, accepted) in enumerate(frames):
        history.remember(t, ids, masks.copy(), accepted)
    for identity in range(5):
        rows = [(t, row) for t, frame in enumerate(frames) if (row := row_of(frame, identity)) is not None]
        kept = [(t, frames[t][1][row]) for t, row in rows if frames[t][2][row]][-most:]
        past = history.past(identity, len(frames))
        assert (past is None) == (not kept)
        if past is not None:
            assert past.frames == tuple(t for t, _ in kept)
            np.testing.assert_array_equal(past.masks, [mask for _, mask in kept])


@settings(max_examples=40, deadline=None)
@given(videos(), st.integers(1, 4))
def test_by_frame(frames: list[Frame], most: int) -> None:
    history = ByFrame(most)
    for t, (ids, masks, accepted) in enumerate(frames):
        history.remember(t, ids, masks, accepted)
    for identity in range(5):
        found = {t: row for t, frame in enumerate(frames) if (row := row_of(frame, identity)) is not None}
        past = history.past(identity, len(frames))
        assert (past is None) == (not found)
        if past is not None:
            assert past.frames == tuple(range(max(min(found), len(frames) - most), len(frames)))
            expected = [frames[t][1][found[t]] if t in found else np.zeros(SIZE) for t in past.frames]
            np.testing.assert_array_equal(past.masks, expected)
