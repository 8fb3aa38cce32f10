"""``python -m benchmarks.scale.pieces NAME``: parts of rules that no verb runs alone, each in a process of its own."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.scale.sized import BDD_FRAMES, OVIS_LONGEST
from instmove.config import data_root, load_setup
from instmove.datasets.catalog import open_dataset
from instmove.video import Dataset

SAMPLES = 40
SPLIT = Path("results/paper/splits/ovis_sub/train0.json")


def read_ovis() -> None:
    """Open OVIS train through its index and load all of it, a video at a time."""
    print(sum(len(video) for video in _dataset("ovis_train")), "frames")


def read_bdd() -> None:
    """Read all of BDD100K's training part from its RLEs."""
    entry = {**load_setup("paper")["datasets"]["bdd_train"], "labels": "rles"}
    videos = open_dataset("bdd_train", entry, data_root(load_setup("paper")))
    assert all(len(video) == BDD_FRAMES for video in videos)


def open_ytvos() -> None:
    """Open YouTube-VOS train: its meta.json."""
    print(len(_dataset("ytvos_train")), "videos")


def associate() -> None:
    """MinVIS's tracker with motion over the longest video with 100 queries, from its cache to scored tracks."""
    import tempfile

    from baselines.cached_video import CachedVideo, write_video
    from baselines.minvis.tracker import MinVisTracker
    from baselines.plug_in import MotionPlugIn
    from baselines.settings import AssociationSettings
    from benchmarks.prediction_cache import minvis_like
    from instmove.motion.copy_last import CopyLast
    from instmove.video import Video

    frame = minvis_like()
    settings = AssociationSettings(weight=1.0, past=(2, 4), gaps="last_seen", top=20)
    video = Video(1, "long", *frame.rles[0]["size"], (Path("unread.jpg"),) * OVIS_LONGEST, None)
    tracker = MinVisTracker(MotionPlugIn(CopyLast(), video, settings))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.zip"
        write_video(path, (frame for _ in range(OVIS_LONGEST)), "stamp")
        with CachedVideo(path, "stamp") as frames:
            ids = [tracker.step(t, instances) for t, instances in enumerate(frames)]
            print(len(tracker.results(ids, frames)), "tracks")


def host_samples() -> None:
    """What a worker of a host's training does: IDOL's pairs of frames."""
    from baselines.training.samples import HostSource, SampleSettings
    from instmove.config import host_settings

    settings = host_settings(load_setup("paper"), "idol", "ovis_sub")
    source = HostSource([_split()], SampleSettings(**settings["data"]), 0)
    for iteration in range(SAMPLES // 2):
        batch = source.collate([source.sample(iteration, index) for index in range(2)])
    print(tuple(batch["images"].shape))


def motion_samples() -> None:
    """What a worker of InstMove's training does."""
    from instmove.training.motion_data import MotionSource

    motion = load_setup("paper")["motion"]
    source = MotionSource(_split(), motion["canvas"], motion["past"], 0)
    for iteration in range(SAMPLES):
        sample = source.sample(iteration, 0)
    print(tuple(sample["past"].shape))


def score() -> None:
    """Match and score the tracks of OVIS-Sub val as large as the real one, intervals included.

    The result then stands in for all of Table 9, so that the table can be made.
    """
    import shutil

    from instmove.datasets.split_reader import apply_split
    from instmove.datasets.splits import load_split
    from instmove.files import read_json, write_json
    from instmove.metrics.result_files import ORIGIN_KEYS, samples_path
    from instmove.metrics.video_ap import TrackPrediction, pool
    from instmove.metrics.video_ap_files import write_video_metrics
    from instmove.metrics.video_ap_matching import match_video
    from instmove.reporting.cells import available_results

    dataset = apply_split(_dataset("ovis_train"), load_split(SPLIT.with_name("val0.json")))
    scores = np.random.default_rng(0)
    matches = [
        match_video(video, [TrackPrediction(t.category, float(scores.random()), t.masks) for t in video.tracks or ()])
        for video in dataset
    ]
    scored = Path("scored.json")
    write_video_metrics(scored, dict.fromkeys(ORIGIN_KEYS, ""), pool(matches))
    content = read_json(scored)
    for result in available_results(load_setup("paper"), "table9"):
        path = Path("results/paper") / result.path
        own = {"method": result.host, "dataset": result.benchmark, "motion": result.motion, "seed": result.seed}
        write_json(path, content | {"origin": content["origin"] | own})
        shutil.copy(samples_path(scored), samples_path(path))


def _dataset(name: str) -> Dataset:
    setup = load_setup("paper")
    return open_dataset(name, setup["datasets"][name], data_root(setup))


def _split() -> Dataset:
    from instmove.datasets.split_reader import apply_split
    from instmove.datasets.splits import load_split

    return apply_split(_dataset("ovis_train"), load_split(SPLIT))


PIECES: dict[str, Callable[[], None]] = {
    piece.__name__: piece for piece in (read_ovis, read_bdd, open_ytvos, associate, host_samples, motion_samples, score)
}

if __name__ == "__main__":
    PIECES[sys.argv[1]]()
