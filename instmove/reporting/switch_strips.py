"""Filmstrips of identity switches that motion fixed and of those that it introduced, around the object."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from instmove import masks
from instmove.masks import Rle
from instmove.metrics.bdd100k_results import read_results
from instmove.metrics.mots import MATCH_IOU
from instmove.metrics.mots_result import MotsResult
from instmove.metrics.result_files import submission_path
from instmove.reporting.figures import colour, figure
from instmove.reporting.filmstrips import TRUTH_COLOUR, show_mask, window_around
from instmove.reporting.track_strips import SWITCH_COLOUR
from instmove.video import Dataset, Track, Video

AROUND = (-1, 0, 1)
"""Frames shown before and after both the last match and the switch."""
COLUMNS = 2 * len(AROUND)


class SwitchAt(NamedTuple):
    """A switch of an object, by the track that takes over in ``frame`` after ``gap`` frames."""

    video: str
    object: int
    frame: int
    gap: int

    @property
    def owner(self) -> tuple[str, int]:
        """The object, by its video and its id there."""
        return self.video, self.object

    @property
    def shown(self) -> list[int]:
        """Frames to draw, before the video's ends are cut off."""
        return sorted({self.frame + n for n in AROUND} | {self.frame - self.gap + n for n in AROUND})


@dataclass(frozen=True)
class Strip:
    """A switch, what to write above it, its video, and the tracks of each result by shown name."""

    switch: SwitchAt
    title: str
    video: Video
    results: Mapping[str, Sequence[Track]]
    switched: Mapping[str, Collection[int]]
    """Frames in which the object switches, in each result."""


def switches_at(result: MotsResult) -> list[SwitchAt]:
    """Every switch of a result."""
    rows = zip(result.switch_object, result.switch_frame, result.switch_gap, strict=True)
    return [
        SwitchAt(result.videos[result.object_video[n]], int(result.object_id[n]), int(frame), int(gap))
        for n, frame, gap in rows
    ]


def choose(first: MotsResult, second: MotsResult, count: int) -> list[SwitchAt]:
    """Switches of the first result that the second has not, after the longest gaps, at most one a video.

    They are of objects that switch less often in the second: one that comes later there is put off, not gone.
    """
    own, others = switches_at(first), switches_at(second)
    fewer = Counter(switch.owner for switch in own) - Counter(switch.owner for switch in others)
    there = {(switch.owner, switch.frame) for switch in others}
    missing = [switch for switch in own if switch.owner in fewer and (switch.owner, switch.frame) not in there]
    chosen: dict[str, SwitchAt] = {}
    for switch in sorted(missing, key=lambda each: (-each.gap, each)):
        chosen.setdefault(switch.video, switch)
    return list(chosen.values())[:count]


def strips_of(
    dataset: Dataset,
    fixed: Sequence[SwitchAt],
    introduced: Sequence[SwitchAt],
    files: Mapping[str, Path],
    switched: Mapping[str, Sequence[SwitchAt]],
) -> list[Strip]:
    """A strip for each switch, from the results beside metrics files and all their switches (by shown name)."""
    wanted = {switch.video for switch in (*fixed, *introduced)}
    results = {name: dict(_results(dataset, wanted, path)) for name, path in files.items()}
    return [
        Strip(
            switch,
            f"{kind}: {switch.video}, object {switch.object}, frame {switch.frame}",
            dataset.load(switch.video),
            {name: found[switch.video] for name, found in results.items()},
            {name: {each.frame for each in all_ if each.owner == switch.owner} for name, all_ in switched.items()},
        )
        for kind, switches in (("fixed", fixed), ("introduced", introduced))
        for switch in switches
    ]


def _results(dataset: Dataset, wanted: Collection[str], metrics: Path) -> Iterator[tuple[str, Sequence[Track]]]:
    for video, tracks in read_results(submission_path(metrics), dataset):
        if video.name in wanted:
            yield video.name, tracks


def plot_switch_strips(strips: Sequence[Strip], title: str, path: Path) -> None:
    """Draw each strip, a row for each result, to ``path``.png and .svg.

    Dashed is the true object, filled the track that is matched to it; a red number is the new identity at a switch.
    """
    rows = sum(len(strip.results) for strip in strips)
    with figure(1.5 * COLUMNS + 0.6, 0.6 + 1.7 * max(1, rows), path) as made:
        grid = made.subplots(max(1, rows), COLUMNS, squeeze=False)
        for axes in grid.flat:
            axes.set_axis_off()
        free = iter(grid)
        for strip in strips:
            _draw(strip, [next(free) for _ in strip.results])
        made.suptitle(title)


def _draw(strip: Strip, rows: Sequence[NDArray[np.object_]]) -> None:
    video, switch = strip.video, strip.switch
    (truth,) = [track for track in video.tracks or () if track.id == switch.object]
    frames = [frame for frame in switch.shown if 0 <= frame < len(video)]
    empty = np.zeros((video.height, video.width), dtype=bool)
    true = {frame: empty if (mask := truth.mask(frame)) is None else mask for frame in frames}
    window = window_around(np.logical_or.reduce(list(true.values())))
    for row, (name, tracks) in zip(rows, strip.results.items(), strict=True):
        for axes, frame in zip(row, frames, strict=False):
            found = holder(tracks, truth.masks[frame], truth.category, frame)
            mask = empty if found is None or (mine := found.mask(frame)) is None else mine
            shade = TRUTH_COLOUR if found is None else colour(found.id)
            show_mask(axes, video.image(frame), mask, true[frame], shade, window, _text(found, frame))
            if frame in strip.switched[name]:
                axes.texts[-1].set_color(SWITCH_COLOUR)
        row[0].set_title(f"{strip.title}: {name}", fontsize=8, loc="left").set_in_layout(False)


def holder(tracks: Sequence[Track], truth: Rle | None, category: int, frame: int) -> Track | None:
    """The track of a class whose mask in a frame is nearest to the true one, if their IoU allows a match."""
    seen = [(track, rle) for track in tracks if track.category == category and (rle := track.masks[frame]) is not None]
    if truth is None or not seen:
        return None
    overlaps = masks.rle_iou([truth], [rle for _, rle in seen])[0]
    best = int(np.argmax(overlaps))
    return seen[best][0] if overlaps[best] >= MATCH_IOU else None


def _text(found: Track | None, frame: int) -> str:
    return f"frame {frame}: " + ("none" if found is None else f"id {found.id}")
