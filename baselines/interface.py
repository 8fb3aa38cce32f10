"""What a baseline is made of: instances of a frame, the network that finds them, the tracker that names them."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from instmove.masks import BoolArray, Rle
from instmove.video import Image, Video

Float32 = NDArray[np.float32]
IntArray = NDArray[np.int64]
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Instances:
    """Everything a network found in one frame, N rows, before any identity; N may be 0.

    The meaning of ``scores`` is the method's own (MinVIS: class logits with no-object last; IDOL: class
    probabilities; CrossVIS: the score in the column of the class, zeros elsewhere).
    """

    scores: Float32
    """(N, S)."""
    boxes: Float32
    """(N, 4): x1, y1, x2, y2 in pixels of the output frame."""
    embeddings: Float32
    """(N, D), as the network gives them, not normalised."""
    masks: BoolArray
    """(N, h, w) at the network's own mask resolution, on a grid that covers the frame without padding: what matching
    and motion see."""
    rles: tuple[Rle, ...]
    """N masks at the size of the output frame: what results hold, as hosts threshold after up-sampling."""
    extras: Mapping[str, Float32] = field(default_factory=dict)
    """By name, N rows each: what the method's own tracker reads and nobody else."""

    def __len__(self) -> int:
        return len(self.scores)

    def select(self, rows: Sequence[int] | IntArray) -> "Instances":
        """These rows, in this order."""
        chosen = np.asarray(rows, dtype=np.int64)
        return Instances(
            self.scores[chosen],
            self.boxes[chosen],
            self.embeddings[chosen],
            self.masks[chosen],
            tuple(self.rles[n] for n in chosen),
            {name: rows[chosen] for name, rows in self.extras.items()},
        )


class FramePredictor(ABC):
    """A trained network as a function of images; no frame's result depends on another frame."""

    window: int
    """Frames in one forward pass: bounds memory."""

    @abstractmethod
    def predict(self, images: Sequence[Image]) -> list[Instances]:
        """Instances of up to ``window`` RGB frames of one video, all of the same size."""


class SequencePredictor(ABC):
    """A trained network as a function of a video; the result of a frame depends on the frames before it."""

    @abstractmethod
    def predict(self, images: Iterable[Image]) -> Iterator[Instances]:
        """Instances of the RGB frames of one video in their order, all of the same size; each is read when needed."""


class PlugIn(Protocol):
    """The motion plug-in (Sec. 3.4) as trackers see it; ``None`` in its place is the method as published."""

    def score(
        self, frame: int, ids: Sequence[int], instances: Instances, confidence: NDArray[np.floating] | None = None
    ) -> Matrix:
        """What to add to the (len(ids), N) matching scores of these tracklets and these instances.

        ``confidence`` (len(ids),) is needed where the setup gives motion to the most confident tracklets only.
        """

    def remember(self, frame: int, ids: IntArray, instances: Instances, accepted: BoolArray) -> None:
        """Store the masks of a frame under their ids (N,), -1 being none.

        ``accepted`` (N,) says which matches passed the method's own threshold (births count as such): history
        ``last_seen`` keeps these only, ``by_frame`` all.
        """


class Tracker(ABC):
    """Names the instances of one video, frame after frame; make a new one for every video."""

    @abstractmethod
    def step(self, frame: int, instances: Instances) -> IntArray:
        """Ids (N,) of the instances of the next frame; -1 for those that the method drops."""


@dataclass(frozen=True)
class VideoPrediction:
    """One track of a video instance segmentation result."""

    label: int
    """Number of the network's class, from 0; ``baselines.association`` makes it a category of the dataset."""
    score: float
    masks: tuple[Rle | None, ...]
    """One a frame; None where there is none."""


class VisTracker(Tracker):
    """A tracker whose method is scored by video AP."""

    @abstractmethod
    def results(self, ids: Sequence[IntArray], frames: Sequence[Instances]) -> list[VideoPrediction]:
        """The method's own rule from identities to scored tracks; ``ids`` need not be this tracker's (oracle).

        ``frames`` may be lazy: walk over it once, or index it, and do not hold all of it.
        """


class MotsTracker(Tracker):
    """A tracker whose method is scored frame by frame."""

    @abstractmethod
    def track(self, frame: int, instances: Instances, ids: IntArray | None = None) -> tuple[IntArray, Instances]:
        """:meth:`step`, and the instances as the method reports them, N too.

        Given ``ids`` (N,), -1 being none, are taken in place of the method's own matching (oracle).
        """


class NetworkHost(Protocol):
    """What both kinds of methods share. ``settings`` is hosts.<name> of a setup; modules satisfy it."""

    def build(self, settings: dict[str, Any], classes: int) -> Any:
        """A fresh network (torch.nn.Module) of the size that ``settings["network"]`` says."""

    def task(self, network: Any, settings: dict[str, Any], identities: int) -> Any:
        """The network with its losses as a task of the training loop: ``task(batch, phase) -> losses``.

        ``identities`` is the number of annotated objects in the training set (CrossVIS classifies them).
        """

    def predictor(self, network: Any, settings: dict[str, Any], device: Any) -> FramePredictor | SequencePredictor:
        """The trained network as a predictor."""

    def convert(self, tensors: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """An official state dict as ours, and the names that are knowingly unused."""


class Host(NetworkHost, Protocol):
    """A method of video instance segmentation, as ``baselines.registry`` names it."""

    def tracker(self, settings: dict[str, Any], video: Video, plug_in: PlugIn | None) -> VisTracker:
        """A tracker for one video."""


class MotsHost(NetworkHost, Protocol):
    """A method of multi-object tracking and segmentation, as ``baselines.registry`` names it."""

    def tracker(self, settings: dict[str, Any], network: Any, plug_in: PlugIn | None) -> MotsTracker:
        """A tracker for one video; it may run a part of the network that needs identities (PCAN's refine head)."""
