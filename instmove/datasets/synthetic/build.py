"""Building the mini benchmark on disk: draw, write, measure; whole folders appear at once or not at all."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from instmove.datasets.synthetic import generator_digest
from instmove.datasets.synthetic.clips import render_clip
from instmove.datasets.synthetic.contact_sheet import write_contact_sheet
from instmove.datasets.synthetic.layouts import LAYOUTS
from instmove.datasets.synthetic.measure import Samples, measure_tracks, summarise
from instmove.errors import InstMoveError
from instmove.files import atomic_path, read_json, write_json

MARKER = "generated.json"
"""In each dataset's folder: what made it. A folder without one is someone's data and is never replaced."""


@dataclass(frozen=True)
class World:
    """How much of a world to draw: number of videos, shortest and longest video in frames."""

    name: str
    videos: int
    frames: tuple[int, int]


@dataclass(frozen=True)
class Job:
    """One clip to draw and write below ``root``."""

    seed: int
    world: World
    index: int
    root: Path


@dataclass(frozen=True)
class Written:
    """What a worker returns of a clip: its name, what the layout needs of it, and its measurements."""

    name: str
    record: Any
    samples: Samples


def draw(job: Job) -> Written:
    """Draw, write and measure one clip; cv2 keeps to one thread, as the work is shared out over processes."""
    import cv2

    cv2.setNumThreads(1)
    clip = render_clip(job.seed, job.world.name, job.index, job.world.frames)
    record = LAYOUTS[job.world.name].write(job.root, clip)
    return Written(clip.name, record, measure_tracks(clip.tracks))


Mapper = Callable[[Sequence[Job]], Iterator[Written]]


@contextmanager
def _mapper(workers: int) -> Iterator[Mapper]:
    """Draws jobs in order, in this process or in a pool; the bytes do not depend on which."""
    if workers <= 1:
        yield lambda jobs: map(draw, jobs)
        return
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        yield lambda jobs: pool.map(draw, jobs, chunksize=2)


def _size(folder: Path) -> dict[str, int]:
    """Number of files and bytes below a folder, its marker and the readers' indices apart."""
    files = [path for path in folder.rglob("*") if path.is_file() and not _extra(path)]
    return {"files": len(files), "bytes": sum(path.stat().st_size for path in files)}


def _extra(path: Path) -> bool:
    return path.name == MARKER or path.name.startswith(".")


def _is_current(folder: Path, wanted: Mapping[str, Any]) -> bool:
    """Whether a folder was made by this generator with these settings and is complete; others' data is an error."""
    if not folder.exists():
        return False
    if not (folder / MARKER).is_file():
        raise InstMoveError(f"{folder}: exists and was not written by make-mini (no {MARKER}); choose another --output")
    marker = read_json(folder / MARKER)
    return {key: marker.get(key) for key in wanted} == wanted and _size(folder) == marker["size"]


def _write_folder(target: Path, worlds: Sequence[World], made_by: Mapping[str, Any], mapper: Mapper) -> None:
    """Write one dataset's worlds to a temporary folder that then takes the target's place."""
    from tqdm import tqdm

    with atomic_path(target) as root:
        jobs = [Job(made_by["seed"], world, index, root) for world in worlds for index in range(world.videos)]
        drawn = iter(tqdm(mapper(jobs), total=len(jobs), desc=target.name, unit="clip", disable=None))
        statistics = {}
        for world in worlds:
            clips = [next(drawn) for _ in range(world.videos)]
            LAYOUTS[world.name].finish(root, [(clip.name, clip.record) for clip in clips])
            statistics[world.name] = summarise(clip.samples for clip in clips)
        write_json(root / MARKER, {**made_by, "size": _size(root), "statistics": statistics})


def build_mini(root: Path, seed: int, sizes: Mapping[str, Mapping[str, Any]], workers: int = 1) -> dict[str, Any]:
    """Write the worlds of ``sizes`` ({world: {"videos": n, "frames": [shortest, longest]}}) below ``root``.

    Folders that are already there from the same generator, seed and sizes are left alone. Contact sheets go to
    ``root/contact_sheets``, and what was made, with its statistics, to ``root/mini.json``, which is also returned.
    """
    worlds = [World(name, int(s["videos"]), (int(s["frames"][0]), int(s["frames"][1]))) for name, s in sizes.items()]
    contents = {
        f: [w for w in worlds if LAYOUTS[w.name].folder == f] for f in sorted({LAYOUTS[n].folder for n in sizes})
    }
    version = generator_digest()
    made_by = {
        folder: {"generator": version, "seed": seed, "sizes": {w.name: [w.videos, *w.frames] for w in inside}}
        for folder, inside in contents.items()
    }
    stale = [folder for folder in contents if not _is_current(root / folder, made_by[folder])]
    with _mapper(workers if stale else 1) as mapper:
        for folder in stale:
            _write_folder(root / folder, contents[folder], made_by[folder], mapper)
    for folder, inside in contents.items():
        for world in inside:
            sheet = root / "contact_sheets" / f"{world.name}.png"
            if folder in stale or not sheet.exists():
                write_contact_sheet(sheet, LAYOUTS[world.name].open(root / folder))
    markers = {folder: read_json(root / folder / MARKER) for folder in contents}
    manifest = {"generator": version, "seed": seed, "datasets": markers}
    write_json(root / "mini.json", manifest)
    return manifest
