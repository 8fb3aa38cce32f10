"""Motion prediction (Tables 2 and 7): true past masks in, the mask of the current frame out, IoU and mAP.

The paper names "mAP" and "IOU" without defining them. Here:

- A sample is an object in a frame where it is visible after two earlier visible masks (``evaluation_list``).
- **IoU**: of the prediction (probability > 0.5) with the truth, on the frame scaled so that its longest side is the
  canvas size (384 in the paper: the square canvas without its padding, which is background on both sides);
  the mean over all samples of all videos.
- **mAP**: COCO's segmentation AP (IoU 0.50:0.05:0.95, mean over the categories) on the same grid. An image is one
  frame of one video; each sample is one ground truth and each prediction one detection of the object's true category,
  an empty prediction included. Its score is its mean foreground probability (0 if empty); ``map_constant`` gives all
  detections the same score, which favours no model's confidence. Equal scores are ordered by (video, frame, track).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from instmove import masks
from instmove.errors import InstMoveError
from instmove.masks import BoolArray, Rle
from instmove.metrics import coco
from instmove.metrics.bootstrap import same_in
from instmove.metrics.samples import Sample, evaluation_list
from instmove.motion.base import MotionModel, Scene, Tracklet
from instmove.video import Dataset, Image, Video

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class MotionResult:
    """Every prediction of one model on one dataset; arrays of length N, ordered by (video, frame, track)."""

    videos: tuple[str, ...]
    """Names of the videos with at least one sample, sorted; ``video`` is an index into them."""
    video: IntArray
    frame: IntArray
    track: IntArray
    category: IntArray
    iou: FloatArray
    score: FloatArray
    """Mean probability of the foreground, 0 where nothing is predicted."""
    displacement: FloatArray
    occlusion: FloatArray
    after_gap: BoolArray
    hits: BoolArray
    """(N, 10): true positives at COCO's IoU thresholds, detections ranked by ``score``."""
    hits_constant: BoolArray
    """(N, 10): the same with constant score."""
    predictions: tuple[Rle, ...]
    dropped: int
    """Samples left out because the true mask has no pixel on the evaluation grid."""

    def same_samples(self, other: "MotionResult") -> bool:
        """Whether both results are predictions of the same objects in the same frames."""
        return same_in(self, other, "video", "frame", "track")


@dataclass(frozen=True)
class _Record:
    sample: Sample
    score: float
    iou: float
    prediction: Rle
    truth: Rle


def evaluate_motion(folds: Sequence[tuple[Dataset, MotionModel]], longest: int) -> MotionResult:
    """Predict every sample, one call of the model a frame; ``longest`` is the longest side of the evaluation grid.

    One fold is the ordinary case; in cross-validation each has the videos that its model never saw, and the result
    is over all of them. A video in two folds or folds without a sample are errors.
    """
    records: dict[str, list[_Record]] = {}
    dropped = 0
    for dataset, model in folds:
        for name in tqdm(sorted(dataset.names), desc=f"motion on {dataset.name}", unit="video", disable=None):
            if name in records:
                raise InstMoveError(f"{dataset.name}: video {name} is in two folds; every video is scored once")
            scored = list(_evaluate_video(dataset.load(name), model, longest))
            records[name] = [record for record in scored if masks.area(record.truth)]
            dropped += len(scored) - len(records[name])
    filled = {name: records[name] for name in sorted(records) if records[name]}
    if not filled:
        names = ", ".join(dataset.name for dataset, _ in folds)
        raise InstMoveError(f"{names}: no object has three visible masks, so there is no motion to predict")
    return _result(filled, dropped)


def _evaluate_video(video: Video, model: MotionModel, longest: int) -> Iterator[_Record]:
    grid = masks.grid_size(video.height, video.width, longest)
    previous: tuple[int, Image] | None = None
    for frame, group in groupby(evaluation_list(video), key=lambda sample: sample.frame):
        before = previous[1] if previous is not None and previous[0] == frame - 1 else video.image(frame - 1)
        image = video.image(frame)
        yield from _evaluate_frame(list(group), Scene(frame, image, before), model, grid)
        previous = frame, image


def _evaluate_frame(samples: list[Sample], scene: Scene, model: MotionModel, grid: tuple[int, int]) -> list[_Record]:
    height, width = grid

    def on_grid(sample: Sample, frames: tuple[int, ...]) -> BoolArray:
        return np.stack([masks.resize_nearest(_mask(sample, frame), height, width) for frame in frames])

    tracklets = [Tracklet(on_grid(sample, sample.history), sample.history) for sample in samples]
    probabilities = model.predict(tracklets, scene)
    if probabilities.shape != (len(samples), height, width):
        raise ValueError(f"{model!r} predicted shape {probabilities.shape} for {len(samples)} of ({height}, {width})")
    truths = [on_grid(sample, (sample.frame,))[0] for sample in samples]
    return [_record(*each) for each in zip(samples, probabilities, truths, strict=True)]


def _mask(sample: Sample, frame: int) -> BoolArray:
    mask = sample.track.mask(frame)
    assert mask is not None, "the evaluation list holds visible masks only"
    return mask


def _record(sample: Sample, probability: NDArray[np.float32], truth: BoolArray) -> _Record:
    predicted = probability > 0.5
    union = np.count_nonzero(predicted | truth)
    return _Record(
        sample,
        score=float(probability[predicted].mean(dtype=np.float64)) if predicted.any() else 0.0,
        iou=np.count_nonzero(predicted & truth) / union if union else 0.0,
        prediction=masks.encode(predicted),
        truth=masks.encode(truth),
    )


def _result(records: dict[str, list[_Record]], dropped: int) -> MotionResult:
    flat = [record for name in records for record in records[name]]
    video = np.repeat(np.arange(len(records)), [len(records[name]) for name in records])
    frame = np.array([record.sample.frame for record in flat])
    category = np.array([record.sample.track.category for record in flat])
    score = np.array([record.score for record in flat])
    predictions = tuple(record.prediction for record in flat)
    truths = [record.truth for record in flat]
    images = np.unique(np.stack([video, frame]), axis=1, return_inverse=True)[1].reshape(-1)
    return MotionResult(
        videos=tuple(records),
        video=video,
        frame=frame,
        track=np.array([record.sample.track.id for record in flat]),
        category=category,
        iou=np.array([record.iou for record in flat]),
        score=score,
        displacement=np.array([record.sample.displacement for record in flat]),
        occlusion=np.array([record.sample.occlusion for record in flat]),
        after_gap=np.array([record.sample.after_gap for record in flat]),
        hits=coco.match(images, category, score, predictions, truths),
        hits_constant=coco.match(images, category, np.ones(len(flat)), predictions, truths),
        predictions=predictions,
        dropped=dropped,
    )
