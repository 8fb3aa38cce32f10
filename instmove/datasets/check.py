"""Looking through a dataset before hours are spent on it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tqdm import tqdm

from instmove.datasets.frames import check_frame
from instmove.errors import InstMoveError
from instmove.video import Dataset, Video

PROCESSES = 2
BATCH = 16
"""Videos a task: the reader is sent to a worker once for each."""


@dataclass
class Report:
    """What was found: counts, and problems as lines that name a file or key each."""

    videos: int = 0
    frames: int = 0
    tracks: int = 0
    masks: int = 0
    withheld: bool = False
    problems: list[str] = field(default_factory=list)

    def add(self, other: "Report") -> None:
        """Sum the counts and collect the problems."""
        self.videos += other.videos
        self.frames += other.frames
        self.tracks += other.tracks
        self.masks += other.masks
        self.withheld |= other.withheld
        self.problems += other.problems


def check_dataset(dataset: Dataset, entry: Mapping[str, Any], deep: bool = False) -> Report:
    """Load every video and look at every frame (its header, or with ``deep`` all of it) in two processes.

    Checked: the counts under ``expect`` in the catalog entry, presence, frames as large as their annotation says,
    valid RLEs (by loading), unique video names and ids, unique track ids.
    """
    report = Report(problems=_count_problems(dataset, entry))
    batches = [dataset.names[start : start + BATCH] for start in range(0, len(dataset), BATCH)]
    ids: Counter[int] = Counter()
    with (
        ProcessPoolExecutor(PROCESSES) as pool,
        tqdm(total=len(dataset), desc=dataset.name, unit="video", disable=None) as bar,
    ):
        for part, video_ids in pool.map(partial(_check_batch, dataset.load, deep), batches):
            report.add(part)
            ids.update(video_ids)
            bar.update(BATCH)
    report.problems += [f"{dataset.name}: video id {number} occurs {n} times" for number, n in ids.items() if n > 1]
    return report


def _count_problems(dataset: Dataset, entry: Mapping[str, Any]) -> list[str]:
    problems = []
    expected = entry.get("expect", {}).get("videos", len(dataset))
    if len(dataset) != expected:
        problems.append(f"{dataset.name}: {len(dataset)} videos, officially {expected}; is the download complete?")
    repeated = [name for name, n in Counter(dataset.names).items() if n > 1]
    return problems + [f"{dataset.name}: video {name} is listed more than once" for name in repeated]


def _check_batch(load: Callable[[str], Video], deep: bool, names: Sequence[str]) -> tuple[Report, list[int]]:
    report, ids = Report(), []
    for name in names:
        try:
            video = load(name)
        except InstMoveError as error:
            report.add(Report(videos=1, problems=[str(error)]))
            continue
        ids.append(video.id)
        report.add(check_video(video, deep))
    return report, ids


def check_video(video: Video, deep: bool) -> Report:
    """Look at one loaded video."""
    tracks = video.tracks or ()
    masks = sum(len(track.visible()) for track in tracks)
    problems = [problem for t in range(len(video)) if (problem := _frame_problem(video, t, deep))]
    repeated = [number for number, n in Counter(track.id for track in tracks).items() if n > 1]
    problems += [f"{video.name}: track id {number} occurs more than once" for number in repeated]
    return Report(1, len(video), len(tracks), masks, video.tracks is None, problems)


def _frame_problem(video: Video, frame: int, deep: bool) -> str | None:
    try:
        if deep:
            video.image(frame)
        else:
            check_frame(video.frames[frame], video.height, video.width)
    except InstMoveError as error:
        return str(error)
    return None
