"""Looking through a dataset before hours are spent on it."""

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

from instmove.datasets.catalog import open_dataset
from instmove.datasets.frames import check_frame
from instmove.datasets.index import open_index
from instmove.datasets.places import dataset_places, frames_folder, own_places
from instmove.errors import InstMoveError
from instmove.video import Dataset, Video

PROCESSES = os.cpu_count() or 1
RELEASES = {
    2238: "YouTube-VIS 2019's training set",
    302: "YouTube-VIS 2019's validation set",
    343: "YouTube-VIS 2019's test set",
    2985: "YouTube-VIS 2021's training set",
    421: "YouTube-VIS 2021's validation set",
    453: "YouTube-VIS 2021's test set",
    607: "OVIS's training set",
    140: "OVIS's validation set",
    154: "OVIS's test set",
}
"""How many videos the releases have whose files are easily taken for one another."""
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


@dataclass(frozen=True)
class Glance:
    """What opening a dataset shows; of one that is absent nothing is asked."""

    present: bool
    videos: int = 0
    problems: tuple[str, ...] = ()


def look_at(name: str, entry: Mapping[str, Any], data_root: Path) -> Glance:
    """Open a dataset, compare the number of its videos with the official one, and look for their folders.

    One of which nothing is there is absent; one of which something is missing is a problem.
    """
    absent = [str(place) for place in dataset_places(entry, data_root) if not place.exists()]
    if not any(place.exists() for place in own_places(entry, data_root)):
        return Glance(present=False)
    if absent:
        remedy = "unzip it again"
        if entry["format"] == "ytvis" and any(place.endswith(".json") for place in absent):
            remedy += ", or put the archive's JSON there (YouTube-VIS calls it instances.json)"
        return Glance(True, problems=(f"{name}: {', '.join(absent)} is missing, the rest is there; {remedy}",))
    try:
        dataset = open_dataset(name, entry, data_root)
    except InstMoveError as error:
        return Glance(True, problems=(str(error),))
    problems = _count_problems(dataset, entry)
    folders = missing_videos(dataset.names, frames_folder(entry, data_root))
    problems += [folders] if folders else []
    index = open_index(data_root / entry["annotations"]) if entry["format"] == "ytvis" else None
    problems += [_no_annotation(name, entry)] if index and index.empty and not index.withheld else []
    return Glance(True, len(dataset), tuple(problems))


def check_dataset(dataset: Dataset, entry: Mapping[str, Any], deep: bool = False) -> Report:
    """Load every video and look at every frame (its header, or with ``deep`` all of it), a process a core.

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
    if "annotations" in entry and report.frames and not report.tracks and not report.withheld:
        report.problems.append(_no_annotation(dataset.name, entry))
    report.problems += [f"{dataset.name}: video id {number} occurs {n} times" for number, n in ids.items() if n > 1]
    return report


def _count_problems(dataset: Dataset, entry: Mapping[str, Any]) -> list[str]:
    problem = count_problem(dataset, entry)
    repeated = [name for name, n in Counter(dataset.names).items() if n > 1]
    again = [f"{dataset.name}: video {name} is listed more than once" for name in repeated]
    return [*([problem] if problem else []), *again]


def count_problem(dataset: Dataset, entry: Mapping[str, Any]) -> str | None:
    """What is wrong with the number of videos, in one line; None if it is as the catalog entry expects."""
    found = len(dataset)
    expected = entry.get("expect", {}).get("videos", found)
    if found == expected:
        return None
    other = RELEASES.get(found) if entry["format"] == "ytvis" else None
    if dataset.note:
        hint = f"{dataset.note}; put the right file at each"
    else:
        hint = f"these are those of {other}, put the right file there" if other else "is the download complete?"
    where = entry.get("annotations", entry.get("root"))
    return f"{dataset.name} ({where}): {found} videos, officially {expected}; {hint}"


def missing_videos(names: Sequence[str], images: Path) -> str | None:
    """Which videos have no folder of frames, in one line; None if all have one."""
    absent = [name for name in names if not (images / name).is_dir()]
    if not absent:
        return None
    return f"{images}: {len(absent)} of {len(names)} videos have no folder, {absent[0]} first; unzip the images again"


def _no_annotation(name: str, entry: Mapping[str, Any]) -> str:
    """An empty list counts as the truth: only where it is null or absent do scores come from a server."""
    found = f"{name} ({entry['annotations']}): no annotation in any video, so every score would be empty"
    return f"{found}; download it again or, where a server has the truth, write 'annotations': null"


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
