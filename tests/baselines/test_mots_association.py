"""Tracks from cached instances: who has a mask where two overlap, and what the true identities are worth."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from baselines.association import AssociationCost
from baselines.interface import Instances
from baselines.mots_association import MotsAssociation
from baselines.quasi_dense import QuasiDenseSettings, QuasiDenseTracker
from baselines.settings import AssociationSettings
from baselines.unicorn import host
from instmove.masks import BoolArray, decode, encode
from instmove.motion.copy_last import CopyLast
from instmove.video import Track, Video

SETTINGS: dict[str, Any] = {"tracker": {"init_score": 0.5, "object_score": 0.3, "momentum": 1.0}}
HEIGHT, WIDTH = 12, 40


def box(left: int) -> BoolArray:
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    mask[2:10, left : left + 10] = True
    return mask


def seen(*found: tuple[int, float, int], looks: int = 8) -> Instances:
    """Boxes at (left, score, class); all look alike."""
    shapes = np.stack([box(left) for left, _, _ in found])
    scores = np.zeros((len(found), 3), dtype=np.float32)
    for row, (_, score, label) in enumerate(found):
        scores[row, label] = score
    corners = [(left, 2, left + 10, 10) for left, _, _ in found]
    embeddings = np.ones((len(found), looks), dtype=np.float32)
    return Instances(scores, np.array(corners, dtype=np.float32), embeddings, shapes, tuple(map(encode, shapes)))


FRAMES = [seen((2, 0.9, 0), (7, 0.8, 0)), seen((7, 0.9, 0), (2, 0.8, 0)), seen((2, 0.9, 0), (7, 0.8, 0))]
"""Two boxes that overlap and, but for their places, cannot be told apart; the better one changes."""
TRUTH = tuple(Track(n, 7, (encode(box(left)),) * 3) for n, left in ((1, 2), (2, 7)))
VIDEO = Video(1, "v", HEIGHT, WIDTH, (Path(),) * 3, TRUTH)


def associated(categories: dict[int, int], **settings: Any) -> tuple[Track, ...]:
    model = CopyLast() if settings.get("model") else None
    variant = AssociationSettings(1.0, (1, 4), "last_seen", **settings)
    return MotsAssociation(host, SETTINGS, variant, model, None, categories).tracks(VIDEO, FRAMES, AssociationCost())


def places(tracks: tuple[Track, ...]) -> list[list[int]]:
    """Left end of each track's mask in every frame."""
    return [[int(decode(rle).any(axis=0).argmax()) for rle in track.masks if rle] for track in tracks]


def test_the_higher_score_has_the_pixels_that_two_claim() -> None:
    first, second = [track for track in associated({0: 7}) if track.masks[0]]
    assert [track.id for track in (first, second)] == [1, 2] and first.category == 7
    whole, cut = (decode(track.masks[0]) for track in (first, second) if track.masks[0])
    np.testing.assert_array_equal(whole, box(2))
    np.testing.assert_array_equal(cut, box(7) & ~box(2))


def test_without_motion_identities_are_the_tracker_s_own() -> None:
    plain = QuasiDenseTracker(QuasiDenseSettings(**SETTINGS["tracker"]), None)
    expected = [plain.step(t, instances) for t, instances in enumerate(FRAMES)]
    found = associated({0: 7})
    for t, ids in enumerate(expected):
        for row, number in enumerate(ids):
            assert (number >= 0) == any(track.id == number + 1 and track.masks[t] for track in found)
            if row == 0 and number >= 0:
                (track,) = [track for track in found if track.id == number + 1]
                np.testing.assert_array_equal(decode(track.masks[t]), decode(FRAMES[t].rles[0]))  # type: ignore[arg-type]


def test_motion_keeps_apart_what_looks_alike() -> None:
    assert places(associated({0: 7}))[0] != [2, 2, 2], "the first takes the best score in every frame"
    assert [row[0] for row in places(associated({0: 7}, model="copy"))] == [2, 12]
    kept = associated({0: 7}, model="copy")
    assert len(kept) == 2 and places(kept)[0] == [2, 2, 2]


def test_true_identities() -> None:
    assert places(associated({0: 7}, association="oracle"))[0] == [2, 2, 2]


@pytest.mark.parametrize(("left", "tracks"), [(5, 1), (6, 0)])
def test_a_mask_that_the_metric_would_not_match_has_no_true_identity(left: int, tracks: int) -> None:
    """IoU 7/13 and 6/14 with the only object."""
    variant = AssociationSettings(1.0, (1, 4), "last_seen", association="oracle")
    alone = replace(VIDEO, tracks=TRUTH[:1])
    found = MotsAssociation(host, SETTINGS, variant, None, None, {0: 7}).tracks(
        alone, [seen((left, 0.9, 0))] * 3, AssociationCost()
    )
    assert len(found) == tracks


def test_other_classes_are_left_out() -> None:
    assert associated({1: 7}) == ()


@pytest.mark.parametrize("association", ["own", "oracle"])
def test_frames_without_instances(association: str) -> None:
    nothing = FRAMES[0].select([])
    variant = AssociationSettings(1.0, (1, 4), "last_seen", association=association)
    made = MotsAssociation(host, SETTINGS, variant, None, None, {0: 7})
    assert made.tracks(VIDEO, [nothing] * 3, AssociationCost()) == ()
