"""Result files of video AP: metrics, and beside them the matches (see ``instmove.metrics.result_files``)."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from instmove.metrics import video_ap
from instmove.metrics.bootstrap import DRAWS, Estimate, estimate
from instmove.metrics.coco import THRESHOLDS
from instmove.metrics.result_files import (
    bootstrap_record,
    load_fields,
    metric_record,
    samples_path,
    save_fields,
    write_result,
)
from instmove.metrics.video_ap import VideoMatches


def write_video_metrics(path: Path, origin: Mapping[str, Any], matches: VideoMatches, draws: int = DRAWS) -> None:
    """Write the metrics of video AP to ``path`` and the matches beside it; ``origin`` has the keys ORIGIN_KEYS.

    The twelve numbers have intervals, those of single categories and IoU thresholds (``AP_category_3``,
    ``AP_iou_0.50``) and of single videos have none.
    """
    save_matches(samples_path(path), matches)
    write_result(
        path,
        origin,
        dict(_video_records(matches, draws)),
        {
            name: {"AP": {"value": _or_none(ap), "unit": "fraction"}}
            for name, ap in zip(matches.videos, video_ap.per_video(matches), strict=True)
        },
        scorer=__name__,
        bootstrap=bootstrap_record(matches, draws),
    )


def _video_records(matches: VideoMatches, draws: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Metrics by name; ``n`` is the number of objects to be found."""
    objects = dict(zip(video_ap.AREAS, matches.truth_counted.sum(axis=0).tolist(), strict=True))
    for name, statistic in video_ap.STATISTICS.items():
        _, _, area = name.partition("_")
        yield name, metric_record(estimate(matches, statistic, draws), objects[area or "all"])
    for category, values in video_ap.per_category(matches).items():
        n = int((matches.truth_counted[:, 0] & (matches.truth_category == category)).sum())
        for name, value in values.items():
            yield f"{name}_category_{category}", metric_record(Estimate(value), n)
    for threshold, ap in zip(THRESHOLDS, video_ap.per_threshold(matches), strict=True):
        yield f"AP_iou_{threshold:.2f}", metric_record(Estimate(_or_none(ap)), objects["all"])


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def save_matches(path: Path, matches: VideoMatches) -> None:
    """Save the matches of a video benchmark; equal matches are equal bytes."""
    save_fields(path, matches)


def load_matches(path: Path) -> VideoMatches:
    """Load what :func:`save_matches` wrote; a missing or foreign file is an error that names it."""
    return load_fields(path, VideoMatches)
