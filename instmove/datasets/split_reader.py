"""Reading a dataset through a split: its videos, cut to the frames and tracks that the split keeps."""

from dataclasses import dataclass, replace
from functools import cached_property

from instmove.datasets.splits import Split, SplitVideo
from instmove.errors import InstMoveError
from instmove.video import Dataset, Video


@dataclass(frozen=True)
class SplitReader:
    """Loads videos of a dataset and cuts them to a split."""

    dataset: Dataset
    split: Split

    @cached_property
    def _parts(self) -> dict[str, SplitVideo]:
        return {video.name: video for video in self.split.videos}

    def load(self, name: str) -> Video:
        """Load one video of the split."""
        part = self._parts.get(name)
        if part is None:
            raise InstMoveError(f"split {self.split.name}: has no video {name}")
        full = self.dataset.load(name)
        if max(part.frames) >= len(full):
            found = f"asks for frame {max(part.frames)} of {name}, which has {len(full)}"
            raise InstMoveError(f"split {self.split.name}: {found}; it was made from other data")
        video = full.select(part.frames)
        if part.tracks is None:
            return video
        missing = sorted(set(part.tracks) - {track.id for track in video.tracks or ()})
        if missing:
            raise InstMoveError(
                f"split {self.split.name}: {name} has no track {missing[0]}; it was made from other data"
            )
        return replace(video, tracks=tuple(track for track in video.tracks or () if track.id in part.tracks))


def apply_split(dataset: Dataset, split: Split) -> Dataset:
    """The dataset cut to a split, still loaded one video at a time."""
    unknown = sorted({video.name for video in split.videos} - set(dataset.names))
    if unknown:
        raise InstMoveError(
            f"split {split.name}: video {unknown[0]} ({len(unknown)} in all) is not in dataset {dataset.name}"
        )
    names = tuple(video.name for video in split.videos)
    return Dataset(split.name, dataset.categories, names, SplitReader(dataset, split).load)
