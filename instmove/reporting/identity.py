"""Which true object a predicted track holds, frame by frame, and where an object gets another track."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from instmove import masks
from instmove.masks import Rle
from instmove.metrics.video_ap import TrackPrediction
from instmove.video import Track

LEAST_IOU = 0.5


@dataclass(frozen=True)
class HeldTrack:
    """A predicted track and the id of the true object that it holds in each frame, None where it holds none.

    It holds the object whose mask in the frame has the highest IoU with its own (of equals the first), if that is at
    least LEAST_IOU.
    """

    masks: tuple[Rle | None, ...]
    held: tuple[int | None, ...]


def follow(predictions: Sequence[TrackPrediction], truths: Sequence[Track]) -> list[HeldTrack]:
    """The predicted tracks with the objects that they hold, by falling score."""
    ordered = sorted(predictions, key=lambda prediction: -prediction.score)
    frames = len(ordered[0].masks) if ordered else 0
    held = [_held([each.masks[frame] for each in ordered], truths, frame) for frame in range(frames)]
    return [HeldTrack(each.masks, tuple(row[number] for row in held)) for number, each in enumerate(ordered)]


def _held(predicted: Sequence[Rle | None], truths: Sequence[Track], frame: int) -> list[int | None]:
    """The object that each mask of a frame holds."""
    seen = [(truth.id, mask) for truth in truths if (mask := truth.masks[frame]) is not None]
    there = [number for number, rle in enumerate(predicted) if rle is not None]
    found: list[int | None] = [None] * len(predicted)
    if not seen or not there:
        return found
    overlaps = masks.rle_iou([rle for rle in predicted if rle is not None], [mask for _, mask in seen])
    for number, row in zip(there, overlaps, strict=True):
        best = int(np.argmax(row))
        found[number] = seen[best][0] if row[best] >= LEAST_IOU else None
    return found


def kept(tracks: Sequence[HeldTrack], truths: Sequence[Track], frames: int) -> list[float | None]:
    """For each frame the share of the visible objects that their own track holds; None where none is visible.

    An object's own track is the one that holds it in most frames, of equals the first.
    """
    own = {truth.id: _own(tracks, truth.id) for truth in truths}
    shares: list[float | None] = []
    for frame in range(frames):
        seen = [truth.id for truth in truths if truth.masks[frame] is not None]
        good = [object_ for object_ in seen if (track := own[object_]) is not None and track.held[frame] == object_]
        shares.append(len(good) / len(seen) if seen else None)
    return shares


def _own(tracks: Sequence[HeldTrack], object_: int) -> HeldTrack | None:
    found = max(tracks, key=lambda track: track.held.count(object_), default=None)
    return found if found is not None and object_ in found.held else None


def standing(tracks: Sequence[HeldTrack], length: int) -> list[dict[int, int]]:
    """For each of ``length`` frames the track that stands for each object that is held there.

    It is the one that stood for the object last, as long as it holds it; else the first, which has the best score.
    """
    frames: list[dict[int, int]] = []
    last: dict[int, int] = {}
    for frame in range(length):
        found: dict[int, int] = {}
        for number, track in enumerate(tracks):
            now = track.held[frame]
            if now is not None and (now not in found or last.get(now) == number):
                found[now] = number
        frames.append(found)
        last |= found
    return frames


def switches(frames: Sequence[Mapping[int, int]]) -> list[tuple[int, int]]:
    """Frame and track of each switch of identity: an object gets another track than the one that stood for it last.

    As in the tables of MOTS (CLEAR MOT), but for all objects that any track holds. ``frames`` are of :func:`standing`.
    """
    last: dict[int, int] = {}
    found = []
    for frame, now in enumerate(frames):
        found += [(frame, track) for object_, track in now.items() if last.get(object_, track) != track]
        last |= now
    return found


def drawn_in(frame: int, tracks: Sequence[HeldTrack], frames: Sequence[Mapping[int, int]]) -> dict[int, Rle]:
    """The masks in a frame of the tracks that stand for an object there; ``frames`` are of :func:`standing`."""
    found = ((number, tracks[number].masks[frame]) for number in frames[frame].values())
    return {number: rle for number, rle in found if rle is not None}


def switched_in(frame: int, switched: Sequence[tuple[int, int]]) -> set[int]:
    """The tracks that take an object over in a frame; ``switched`` is of :func:`switches`."""
    return {number for when, number in switched if when == frame}


def identity_colours(frames: Sequence[Mapping[int, int]], truths: Sequence[Track]) -> dict[int, int]:
    """A colour number for each track that ever stands for an object; ``frames`` are of :func:`standing`.

    It is that of the object which the track stands for first (its place among ``truths``), so that the same object
    looks the same in two results until a track leaves it; another track on the same object gets a colour of its own.
    """
    place = {truth.id: number for number, truth in enumerate(truths)}
    colours: dict[int, int] = {}
    spare = len(truths)
    for frame in frames:
        for object_, track in frame.items():
            if track in colours:
                continue
            taken = place[object_] in colours.values()
            colours[track] = spare if taken else place[object_]
            spare += taken
    return colours
