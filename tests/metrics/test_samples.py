from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up import HEIGHT, WIDTH, rectangle

from instmove.errors import InstMoveError
from instmove.metrics.samples import centroid, evaluation_list, occlusion_rate
from instmove.video import Track, Video


def video_of(*tracks: Track) -> Video:
    frames = len(tracks[0].masks)
    return Video(1, "v", HEIGHT, WIDTH, tuple(Path(f"{t}.png") for t in range(frames)), tracks)


def track_seen(seen: list[bool], number: int = 0, ignored: bool = False) -> Track:
    return Track(number, 1, tuple(rectangle(2 + t, 3, 8, 8) if s else None for t, s in enumerate(seen)), ignored)


@given(st.lists(st.booleans(), min_size=1, max_size=12))
def test_a_sample_is_a_visible_frame_with_two_visible_masks_before(seen: list[bool]) -> None:
    samples = {sample.frame: sample for sample in evaluation_list(video_of(track_seen(seen)))}
    for frame, visible in enumerate(seen):
        before = [t for t in range(frame) if seen[t]]
        assert (frame in samples) == (visible and len(before) >= 2)
        if frame in samples:
            used = before[-4:]
            assert samples[frame].history == tuple(used)
            assert samples[frame].after_gap == (not all(seen[used[0] : frame]))


def test_samples_are_ordered_by_frame_then_track_and_ignored_tracks_have_none() -> None:
    tracks = track_seen([True] * 4, 7), track_seen([True] * 4, 3), track_seen([True] * 4, 5, ignored=True)
    samples = evaluation_list(video_of(*tracks))
    assert [(sample.frame, sample.track.id) for sample in samples] == [(2, 3), (2, 7), (3, 3), (3, 7)]
    assert all(sample.occlusion == 1 for sample in samples)  # the two lie on each other


def test_displacement_is_the_centroid_shift_per_frame_over_the_size() -> None:
    masks = [rectangle(0, 0, 4, 9), rectangle(0, 0, 4, 9), rectangle(3, 4, 4, 9), None, rectangle(9, 12, 4, 9)]
    samples = evaluation_list(video_of(Track(0, 1, tuple(masks))))
    # the shifts (3, 4) and (6, 8) are 5 and 10 pixels, the second over two frames; the size is sqrt(4 * 9) = 6
    assert [sample.displacement for sample in samples] == pytest.approx([5 / 6, 10 / 2 / 6])


def test_centroid_of_a_rectangle() -> None:
    mask = np.zeros((6, 8), dtype=bool)
    mask[1:4, 2:8] = True
    np.testing.assert_allclose(centroid(mask), [4.5, 2.0])


def test_occlusion_is_the_share_of_the_box_that_other_boxes_cover() -> None:
    box = np.array([0.0, 0.0, 4.0, 5.0])
    corner, far, whole = (np.array(b, dtype=float) for b in ([3, 3, 9, 9], [10, 0, 2, 2], [-1, -1, 9, 9]))
    assert occlusion_rate(box, []) == 0
    assert occlusion_rate(box, [corner, far]) == pytest.approx(1 * 2 / 20)
    assert occlusion_rate(box, [corner, corner]) == pytest.approx(2 * 2 / 20)
    assert occlusion_rate(box, [corner, whole]) == 1


def test_withheld_ground_truth_is_an_error_that_names_the_video() -> None:
    with pytest.raises(InstMoveError, match=r"^v: its ground truth is withheld"):
        evaluation_list(Video(1, "v", HEIGHT, WIDTH, (Path("0.png"),), None))
