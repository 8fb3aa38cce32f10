"""A frame of association with motion, against going over the tracklets one by one."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from baselines.minvis.tracker import MinVisTracker
from baselines.plug_in import MotionPlugIn
from baselines.settings import AssociationSettings
from benchmarks.prediction_cache import QUERIES, minvis_like
from benchmarks.run_lengths import naive_iou
from benchmarks.timing import Row, seconds
from instmove.motion.base import Scene, Tracklet
from instmove.motion.copy_last import CopyLast
from instmove.motion.instmove import InstMoveMotion
from instmove.network.build import build_network
from instmove.video import Video

PAST = (2, 4)
TRACKLETS = 20
SIDE, WIDTH_OF_MINI = 96, 0.125


def rows() -> Iterator[Row]:
    """All pairs of tracklets and instances; then the motion of the paper's twenty tracklets."""
    yield _tracker_row()
    yield _motion_row()


def _tracker_row() -> Row:
    settings = AssociationSettings(weight=1.0, past=PAST, gaps="last_seen")
    video = Video(1, "made up", 720, 1280, (Path("unread.jpg"),) * 4, None)
    tracker, instances = MinVisTracker(MotionPlugIn(CopyLast(), video, settings)), minvis_like()
    for frame in range(PAST[0]):
        tracker.step(frame, instances)
    ours = seconds(partial(tracker.step, PAST[0], instances))
    against = seconds(lambda: naive_iou(instances.masks, instances.masks), repeat=1)
    note = f"grid {instances.masks.shape[1]}x{instances.masks.shape[2]}; against the masks' IoU alone, pair by pair"
    return Row(f"association, {QUERIES} tracklets x {QUERIES}", ours, against, note)


def _motion_row() -> Row:
    model = InstMoveMotion(build_network("released", "full", WIDTH_OF_MINI), SIDE)
    scene = Scene(PAST[1], np.zeros((180, 320, 3), dtype=np.uint8))
    past = minvis_like().masks[:TRACKLETS, ::4, ::4]
    tracklets = [Tracklet(np.stack([mask] * PAST[1]), tuple(range(PAST[1]))) for mask in past]

    def one_by_one() -> list[NDArray[np.float32]]:
        return [model.predict([tracklet], scene) for tracklet in tracklets]

    ours, against = seconds(lambda: model.predict(tracklets, scene)), seconds(one_by_one, repeat=1)
    note = f"canvas {SIDE}, width {WIDTH_OF_MINI}, {PAST[1]} past masks; against one by one"
    return Row(f"InstMove, {TRACKLETS} tracklets of a frame", ours, against, note)
