"""A trained PCAN network as a function of a video."""

import math
from collections.abc import Iterable, Iterator

import torch

from baselines.interface import Instances, SequencePredictor
from baselines.layers.images import normalised, padded_batch, scaled_size
from baselines.layers.instances import array, in_class_columns
from baselines.pcan.attention import FrameMemory
from baselines.pcan.detection import Detections, DetectionSettings, detect
from baselines.pcan.network import PcanNetwork
from baselines.pcan.pasting import frame_masks, frame_rles, rescaled
from instmove.video import Image

STRIDE = 2
"""Of the masks that matching and motion see, in pixels of the input: 360 x 640 of BDD100K's frames."""

Size = tuple[int, int]


class PcanPredictor(SequencePredictor):
    """Detections of every frame, best first, with their unrefined masks; scores stand in the column of the class.

    Frames are resized so that their short side is ``shortest``, their long one at most ``longest`` pixels.
    """

    def __init__(
        self,
        network: PcanNetwork,
        shortest: int,
        longest: int,
        device: torch.device | str,
        detection: DetectionSettings = DetectionSettings(),  # noqa: B008  (it is immutable)
    ) -> None:
        self.network = network.to(device).eval()
        self.detection = detection
        self.shortest, self.longest, self.device = shortest, longest, device

    def predict(self, images: Iterable[Image]) -> Iterator[Instances]:
        """Instances of the RGB frames of one video in their order, all of the same size."""
        memory: FrameMemory | None = None
        for image in images:
            instances, memory = self._next(image, memory)
            yield instances

    @torch.inference_mode()
    def _next(self, image: Image, memory: FrameMemory | None) -> tuple[Instances, FrameMemory]:
        output = image.shape[0], image.shape[1]
        size = scaled_size(*output, self.shortest, self.longest)
        batch = padded_batch([image], *size, self.device)
        pyramid = self.network.pyramid(normalised(batch, torch.tensor([size], device=self.device)))
        attention = self.network.attention
        pyramid, memory = attention(pyramid, attention.start(pyramid) if memory is None else memory)
        detections = detect(self.network, pyramid, size, self.detection)
        return instances_of(detections, self.network.classes, size, output), memory


def instances_of(detections: Detections, classes: int, size: Size, output: Size) -> Instances:
    """Detections in an input of this height and width as instances of the frame, whose size is ``output``.

    ``extras`` are the ``logits`` (N, 28, 28) and ``features`` (N, C, 14, 14) that the refine head reads.
    """
    boxes = rescaled(array(detections.boxes), size, output)
    logits = array(detections.logits)
    grid = math.ceil(size[0] / STRIDE), math.ceil(size[1] / STRIDE)
    return Instances(
        scores=in_class_columns(detections.scores, detections.labels, classes),
        boxes=boxes,
        embeddings=array(detections.embeddings),
        masks=frame_masks(logits, rescaled(boxes, output, grid), *grid),
        rles=frame_rles(logits, boxes, *output),
        extras={"logits": logits, "features": array(detections.features)},
    )
