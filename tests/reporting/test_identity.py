from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import make_dataset, rectangle

from instmove.metrics.video_ap import TrackPrediction
from instmove.reporting.identity import HeldTrack, follow, identity_colours, standing, switches
from instmove.video import Track

LEFT, RIGHT = rectangle(2, 5, 10, 10), rectangle(30, 5, 10, 10)
TRUTHS = (Track(7, 1, (LEFT,) * 5), Track(3, 1, (RIGHT,) * 5))


def predicted(*masks: object, score: float = 0.9) -> TrackPrediction:
    return TrackPrediction(1, score, tuple(masks))  # type: ignore[arg-type]


def test_a_track_holds_the_object_it_overlaps_by_half() -> None:
    less, half = rectangle(2, 5, 10, 4), rectangle(2, 5, 10, 5)
    (track,) = follow([predicted(LEFT, half, less, None, RIGHT)], TRUTHS)
    assert track.held == (7, 7, None, None, 3)


def held(*rows: tuple[int | None, ...]) -> list[HeldTrack]:
    return [HeldTrack((), row) for row in rows]


def test_a_switch_is_where_an_object_gets_another_track_than_it_had_last() -> None:
    first, second = (7, 7, None, None, 7), (None, None, None, 7, None)
    assert switches(standing(held(first, second), 5)) == [(3, 1), (4, 0)]
    assert switches(standing(held((None, 7, None, 7, 7)), 5)) == []
    assert switches(standing([], 3)) == []


def test_two_objects_that_swap_their_tracks_switch_both() -> None:
    assert switches(standing(held((7, 7, 3), (3, 3, 7)), 3)) == [(2, 0), (2, 1)]


def test_a_better_scored_track_takes_an_object_over_only_once_its_own_has_left_it() -> None:
    better, own = (None, 7, 7, 7), (7, 7, 7, None)
    frames = standing(held(better, own), 4)
    assert frames == [{7: 1}, {7: 1}, {7: 1}, {7: 0}]
    assert switches(frames) == [(3, 0)]


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([None, 1]), st.sampled_from([None, 1])), min_size=1))
def test_switches_of_one_object_are_those_of_clear_mot(rows: list[tuple[int | None, int | None]]) -> None:
    """Against motmetrics, with a distance of 0.1 for the first track and 0.2 for the second where they hold it."""
    import motmetrics

    counted = motmetrics.MOTAccumulator(auto_id=True)
    for row in rows:
        there = [number for number, each in enumerate(row) if each is not None]
        counted.update([1], there, [[0.1 + 0.1 * number for number in there]])
    summary = motmetrics.metrics.create().compute(counted, metrics=["num_switches"])
    assert len(switches(standing(held(*zip(*rows, strict=True)), len(rows)))) == summary["num_switches"].iloc[0]


def test_an_object_out_of_sight_is_not_held() -> None:
    hidden = Track(7, 1, (LEFT, None, LEFT, LEFT, LEFT))
    (track,) = follow([predicted(*[LEFT] * 5)], (hidden,))
    assert track.held == (7, None, 7, 7, 7)


def test_the_best_scored_track_stands_for_an_object() -> None:
    tracks = follow([predicted(*[LEFT] * 5, score=0.2), predicted(*[LEFT] * 5), predicted(*[RIGHT] * 5)], TRUTHS)
    assert standing(tracks, 5)[0] == {7: 0, 3: 1}
    assert tracks[2].held == (7,) * 5  # the one of low score, which stands for nothing


def test_a_track_keeps_its_objects_colour_when_it_leaves_and_a_newcomer_gets_its_own() -> None:
    swapped = follow([predicted(LEFT, LEFT, RIGHT, RIGHT, RIGHT), predicted(None, None, LEFT, LEFT, LEFT)], TRUTHS)
    assert identity_colours(standing(swapped, 5), TRUTHS) == {0: 0, 1: 2}
    assert identity_colours([], TRUTHS) == {}


def test_true_tracks_have_no_switch_and_a_colour_each(tmp_path: Path) -> None:
    for video in make_dataset(tmp_path, videos=3):
        assert video.tracks is not None
        tracks = follow([TrackPrediction(1, 0.5, track.masks) for track in video.tracks], video.tracks)
        colours = identity_colours(standing(tracks, len(video)), video.tracks)
        assert len(set(colours.values())) == len(colours) <= len(tracks)
        assert all(np.isin(number, range(len(video.tracks))) for number in colours.values())
