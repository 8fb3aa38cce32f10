"""Table 5's subsets of objects: those that disappear and return, and the rest."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from tqdm import tqdm

from instmove.datasets.splits import Split, SplitVideo, make_split
from instmove.video import Dataset, Track


def occlusion_subsets(dataset: Dataset) -> tuple[Split, Split]:
    """Objects that disappear and return, and the rest (Table 5), over all frames; ignored ones are in neither.

    An object disappears if an annotated frame between its first and its last lacks it. A video without such an
    object is left out of that split.
    """
    occluded: list[SplitVideo] = []
    continuous: list[SplitVideo] = []
    for video in tqdm(dataset, desc="subsets", total=len(dataset), disable=None):
        objects = {track.id for track in video.objects}
        hidden = returning(video.true_tracks)
        frames = tuple(range(len(video)))
        for chosen, found in ((occluded, objects & hidden), (continuous, objects - hidden)):
            ids = tuple(sorted(found))
            if ids:
                chosen.append(SplitVideo(video.name, frames, ids))
    return make_split("occlusion", dataset.name, occluded), make_split("continuous", dataset.name, continuous)


def returning(tracks: Sequence[Track]) -> set[int]:
    """Ids of the tracks (all of a video) whose object is missing in a frame between its first and its last.

    An object that is ignored for a while, or of another class, is several tracks; it is missing where all of them are.
    """
    seen: dict[int, set[int]] = defaultdict(set)
    for track in tracks:
        seen[track.object].update(track.visible())
    return {track.id for track in tracks if _has_gap(seen[track.object])}


def _has_gap(frames: Collection[int]) -> bool:
    return bool(frames) and len(frames) < max(frames) - min(frames) + 1
