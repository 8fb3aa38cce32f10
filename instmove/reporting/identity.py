"""Which true object a predicted track holds, frame by frame, and where it switches from one to another."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

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

    @cached_property
    def switches(self) -> list[int]:
        """Frames in which it holds another object than the one it held last."""
        found, last = [], None
        for frame, now in enumerate(self.held):
            if now is not None:
                if last not in (None, now):
                    found.append(frame)
                last = now
        return found


def follow(predictions: Sequence[TrackPrediction], truths: Sequence[Track]) -> list[HeldTrack]:
    """The predicted tracks with the objects that they hold, by falling score."""
    ordered = sorted(predictions, key=lambda prediction: -prediction.score)
    return [HeldTrack(each.masks, tuple(_held(each, truths, t) for t in range(len(each.masks)))) for each in ordered]


def _held(prediction: TrackPrediction, truths: Sequence[Track], frame: int) -> int | None:
    rle = prediction.masks[frame]
    seen = [(truth.id, mask) for truth in truths if (mask := truth.masks[frame]) is not None]
    if rle is None or not seen:
        return None
    overlaps = masks.rle_iou([rle], [mask for _, mask in seen])[0]
    best = int(np.argmax(overlaps))
    return seen[best][0] if overlaps[best] >= LEAST_IOU else None


def holders(tracks: Sequence[HeldTrack], frame: int) -> list[int]:
    """For every object that is held in a frame the track that stands for it: the first, which has the best score."""
    found: dict[int, int] = {}
    for number, track in enumerate(tracks):
        if (now := track.held[frame]) is not None:
            found.setdefault(now, number)
    return list(found.values())


def identity_colours(tracks: Sequence[HeldTrack], truths: Sequence[Track]) -> dict[int, int]:
    """A colour number for each track that ever stands for an object.

    It is that of the object which the track stands for first (its place among ``truths``), so that the same object
    looks the same in two results until a track leaves it; another track on the same object gets a colour of its own.
    """
    place = {truth.id: number for number, truth in enumerate(truths)}
    colours: dict[int, int] = {}
    spare = len(truths)
    for frame in range(len(tracks[0].held) if tracks else 0):
        for track in holders(tracks, frame):
            if track in colours:
                continue
            now = tracks[track].held[frame]
            wanted = place[now] if now is not None else spare
            taken = wanted in colours.values()
            colours[track] = spare if taken else wanted
            spare += taken
    return colours
