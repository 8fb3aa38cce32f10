"""Result files: ``<name>.json`` with the metrics, ``<name>.samples.npz`` behind them, ``<name>.run.json``.

The first two are deterministic. Metrics are fractions or counts in full precision; what cannot be computed is null.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TypeVar
from zipfile import BadZipFile

import numpy as np

from instmove.code_digest import closure_digest
from instmove.errors import InstMoveError
from instmove.files import atomic_path, read_json, write_json
from instmove.masks import Rle
from instmove.metrics import motion_statistics, video_ap
from instmove.metrics.bootstrap import DRAWS, Estimate, Result, estimate
from instmove.metrics.coco import THRESHOLDS
from instmove.metrics.motion import MotionResult
from instmove.metrics.server_scores import with_scores
from instmove.metrics.video_ap import VideoMatches

R = TypeVar("R")

ORIGIN_KEYS = ("setup", "dataset", "split_digest", "method", "motion", "variant", "weights", "seed", "config_digest")
"""What a number's origin must say (``weights`` maps each checkpoint to its sha256); null where it does not apply."""


def write_metrics(path: Path, origin: Mapping[str, Any], result: MotionResult, draws: int = DRAWS) -> None:
    """Write the metrics of motion prediction to ``path`` and the predictions beside it.

    ``origin`` has the keys ORIGIN_KEYS; the bootstrap's seed is 0 for every result, so that draws are paired.
    """
    statistics = motion_statistics.STATISTICS
    metrics = {name: estimate(result, statistic, draws) for name, statistic in statistics.items()}
    gaps = int(result.after_gap.sum())
    sizes = {"iou_after_gap": gaps, "iou_continuous": len(result.iou) - gaps}
    save_samples(samples_path(path), result)
    write_result(
        path,
        origin,
        {name: metric_record(metric, sizes.get(name, len(result.iou))) for name, metric in metrics.items()}
        | {"samples_dropped": {"value": result.dropped, "unit": "count"}},
        {
            name: {"iou": {"value": float(ious.mean()), "n": len(ious), "unit": "fraction"}}
            for number, name in enumerate(result.videos)
            if (ious := result.iou[result.video == number]).size
        },
        bootstrap=bootstrap_record(result, draws),
    )


def write_video_metrics(path: Path, origin: Mapping[str, Any], matches: VideoMatches, draws: int = DRAWS) -> None:
    """Write the metrics of video AP to ``path`` and the matches beside it; ``origin`` as in :func:`write_metrics`.

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


def bootstrap_record(result: Result, draws: int, unit: str = "video") -> dict[str, Any]:
    """How the intervals of a metrics file were drawn."""
    return {"draws": draws, "seed": 0, "unit": unit, f"{unit}s": len(result.videos)}


def metric_record(metric: Estimate, n: int) -> dict[str, Any]:
    """A metric of a metrics file, from so many samples."""
    return asdict(metric) | {"n": n, "unit": "fraction"}


def write_result(
    path: Path,
    origin: Mapping[str, Any],
    metrics: Mapping[str, Mapping[str, Any]],
    per_sequence: Mapping[str, Mapping[str, Mapping[str, Any]]],
    bootstrap: Mapping[str, Any] | None = None,
    status: str | None = None,
) -> None:
    """Write a metrics JSON; a metric is {value, unit} and, where there are any, {low, high, n}.

    ``status`` says what the numbers are that were not measured here. A missing key of the origin is a ValueError: a
    number without its origin is not a result. ``evaluation_code`` is the digest of the modules that this one
    imports: bootstrap, accumulation, motion, video AP (a change in the scoring of MOTS or VOS runs their rules again).
    """
    if missing := [key for key in ORIGIN_KEYS if key not in origin]:
        raise ValueError(f"{path}: origin without {', '.join(missing)}")
    code = closure_digest(__name__)
    content = {"origin": origin, "metrics": metrics, "per_sequence": per_sequence, "evaluation_code": code}
    optional = {"bootstrap": bootstrap, "status": status}
    write_json(path, content | {key: value for key, value in optional.items() if value is not None})


def write_submission(path: Path, origin: Mapping[str, Any], names: Collection[str]) -> None:
    """Write the metrics JSON of a result that is scored elsewhere, in the metrics ``names``: its values are null."""
    write_result(path, origin, {name: {"value": None, "unit": "fraction"} for name in names}, {}, status="submission")


def read_result(path: Path) -> dict[str, Any]:
    """Read a metrics JSON, with a server's scores once there are some; a file of another kind is an error."""
    content = read_json(path)
    if not isinstance(content, dict) or "metrics" not in content or "origin" not in content:
        raise InstMoveError(f"{path}: not a metrics file (no 'origin' and 'metrics'); delete it and run again")
    return with_scores(content, path)


def metrics_files(folder: Path) -> list[Path]:
    """All metrics JSONs below a results folder."""
    found = (folder / "metrics").rglob("*.json")
    return sorted(path for path in found if not path.name.endswith(".run.json"))


def samples_path(path: Path) -> Path:
    """Where the predictions behind a metrics JSON lie."""
    return path.with_suffix(".samples.npz")


def submission_path(path: Path) -> Path:
    """Where the masks behind the metrics JSON of a video benchmark lie (see ``instmove.metrics.ytvis_results``)."""
    return path.with_suffix(".results.zip")


def run_path(path: Path) -> Path:
    """Where the record of the run that made a metrics JSON lies (see ``instmove.provenance``)."""
    return path.with_suffix(".run.json")


def save_samples(path: Path, result: MotionResult) -> None:
    """Save all of a result of motion prediction; equal results are equal bytes."""
    arrays = {field.name: getattr(result, field.name) for field in fields(result) if field.name != "predictions"}
    arrays["prediction_counts"] = np.array([rle["counts"] for rle in result.predictions])
    arrays["prediction_sizes"] = np.array([rle["size"] for rle in result.predictions])
    save_arrays(path, arrays)


def load_samples(path: Path) -> MotionResult:
    """Load what :func:`save_samples` wrote; a missing or foreign file is an error that names it."""
    return load_arrays(path, _motion_result)


def save_matches(path: Path, matches: VideoMatches) -> None:
    """Save the matches of a video benchmark; equal matches are equal bytes."""
    save_arrays(path, {field.name: getattr(matches, field.name) for field in fields(matches)})


def load_matches(path: Path) -> VideoMatches:
    """Load what :func:`save_matches` wrote; a missing or foreign file is an error that names it."""
    return load_arrays(path, lambda arrays: VideoMatches(tuple(arrays.pop("videos").tolist()), **arrays))


def _motion_result(arrays: dict[str, Any]) -> MotionResult:
    sizes, counts = arrays.pop("prediction_sizes").tolist(), arrays.pop("prediction_counts").tolist()
    predictions = tuple(Rle(size=size, counts=text) for size, text in zip(sizes, counts, strict=True))
    videos, dropped = tuple(arrays.pop("videos").tolist()), int(arrays.pop("dropped"))
    return MotionResult(videos=videos, dropped=dropped, predictions=predictions, **arrays)


def save_arrays(path: Path, arrays: Mapping[str, Any]) -> None:
    """Save arrays by name; equal arrays are equal bytes."""
    with atomic_path(path) as temporary:
        np.savez_compressed(temporary, allow_pickle=False, **arrays)


def load_arrays(path: Path, make: Callable[[dict[str, Any]], R]) -> R:
    """What ``make`` makes of saved arrays; a missing or foreign file is an error that names it."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            return make(dict(archive))
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
        raise InstMoveError(f"{path}: cannot read the predictions ({error}); run the evaluation again") from None
