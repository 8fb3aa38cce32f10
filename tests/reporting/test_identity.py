from itertools import pairwise
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from made_up import make_dataset, rectangle

from instmove.metrics.video_ap import TrackPrediction
from instmove.reporting.identity import HeldTrack, follow, holders, identity_colours
from instmove.video import Track

LEFT, RIGHT = rectangle(2, 5, 10, 10), rectangle(30, 5, 10, 10)
TRUTHS = (Track(7, 1, (LEFT,) * 5), Track(3, 1, (RIGHT,) * 5))


def predicted(*masks: object, score: float = 0.9) -> TrackPrediction:
    return TrackPrediction(1, score, tuple(masks))  # type: ignore[arg-type]


def test_a_track_holds_the_object_it_overlaps_by_half() -> None:
    less, half = rectangle(2, 5, 10, 4), rectangle(2, 5, 10, 5)
    (track,) = follow([predicted(LEFT, half, less, None, RIGHT)], TRUTHS)
    assert track.held == (7, 7, None, None, 3)


def test_a_switch_is_where_another_object_is_held_than_last() -> None:
    (track,) = follow([predicted(LEFT, None, RIGHT, RIGHT, LEFT)], TRUTHS)
    assert track.switches == [2, 4]
    assert HeldTrack((), (None, 7, None, 7, 7)).switches == []


@given(st.lists(st.sampled_from([None, 1, 2, 3])))
def test_switches_are_the_changes_once_gaps_are_dropped(held: list[int | None]) -> None:
    seen = [each for each in held if each is not None]
    changes = sum(one != other for one, other in pairwise(seen))
    assert len(HeldTrack((), tuple(held)).switches) == changes


def test_an_object_out_of_sight_is_not_held() -> None:
    hidden = Track(7, 1, (LEFT, None, LEFT, LEFT, LEFT))
    (track,) = follow([predicted(*[LEFT] * 5)], (hidden,))
    assert track.held == (7, None, 7, 7, 7)


def test_the_best_scored_track_stands_for_an_object() -> None:
    tracks = follow([predicted(*[LEFT] * 5, score=0.2), predicted(*[LEFT] * 5), predicted(*[RIGHT] * 5)], TRUTHS)
    assert [tracks[number].held[0] for number in holders(tracks, 0)] == [7, 3]
    assert holders(tracks, 0) == [0, 1]
    assert tracks[2].held == (7,) * 5  # the one of low score, which stands for nothing


def test_a_track_keeps_its_objects_colour_when_it_leaves_and_a_newcomer_gets_its_own() -> None:
    swapped = follow([predicted(LEFT, LEFT, RIGHT, RIGHT, RIGHT), predicted(None, None, LEFT, LEFT, LEFT)], TRUTHS)
    assert identity_colours(swapped, TRUTHS) == {0: 0, 1: 2}
    assert identity_colours([], TRUTHS) == {}


def test_true_tracks_have_no_switch_and_a_colour_each(tmp_path: Path) -> None:
    for video in make_dataset(tmp_path, videos=3):
        assert video.tracks is not None
        tracks = follow([TrackPrediction(1, 0.5, track.masks) for track in video.tracks], video.tracks)
        colours = identity_colours(tracks, video.tracks)
        assert len(set(colours.values())) == len(colours) <= len(tracks)
        assert all(np.isin(number, range(len(video.tracks))) for number in colours.values())
