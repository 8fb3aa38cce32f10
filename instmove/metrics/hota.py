"""HOTA of multi-object tracking and segmentation, by TrackEval; an extra column, no number of the paper's."""

import contextlib
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from instmove import masks
from instmove.masks import Rle
from instmove.video import Track, Video

SHOWN = ("HOTA", "DetA", "AssA")


def hota(videos: Mapping[str, tuple[Video, Sequence[Track]]], categories: Sequence[int]) -> dict[str, float]:
    """HOTA, DetA and AssA in per cent: means over thresholds, then over the categories that occur.

    ``videos`` holds truth and predicted tracks by name. Predictions without a match in an ignored region count as
    false positives, unlike in BDD100K's own metrics.
    """
    from trackeval.metrics import HOTA

    with contextlib.redirect_stdout(io.StringIO()):
        metric = HOTA()
        by_category = {
            category: metric.combine_sequences(
                {name: metric.eval_sequence(_sequence(*pair, category)) for name, pair in videos.items()}
            )
            for category in categories
        }
        averaged = metric.combine_classes_class_averaged(by_category, ignore_empty_classes=True)
    return {name: 100 * float(np.mean(averaged[name])) for name in SHOWN}


def _sequence(truth: Video, predicted: Sequence[Track], category: int) -> dict[str, Any]:
    """One video and category as TrackEval takes it: ids from 0, and mask IoU frame by frame."""
    objects = [track for track in truth.objects if track.category == category]
    found = [track for track in predicted if track.category == category]
    gt_ids, tracker_ids, similarity = [], [], []
    for t in range(len(truth)):
        (here, wanted), (there, given) = _present(objects, t), _present(found, t)
        gt_ids.append(np.array(here, dtype=int))
        tracker_ids.append(np.array(there, dtype=int))
        similarity.append(masks.rle_iou(wanted, given))
    return {
        "num_timesteps": len(truth),
        "num_gt_ids": len(objects),
        "num_tracker_ids": len(found),
        "num_gt_dets": sum(map(len, gt_ids)),
        "num_tracker_dets": sum(map(len, tracker_ids)),
        "gt_ids": gt_ids,
        "tracker_ids": tracker_ids,
        "similarity_scores": similarity,
    }


def _present(tracks: Sequence[Track], frame: int) -> tuple[list[int], list[Rle]]:
    """Places in ``tracks`` and masks of those that have pixels in a frame."""
    shown = [
        (n, rle) for n, track in enumerate(tracks) if (rle := track.masks[frame]) is not None and masks.area(rle) > 0
    ]
    return [n for n, _ in shown], [rle for _, rle in shown]
