"""A trained Unicorn network as a function of a video."""

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor
from torch.nn import functional as F

from baselines.interface import Instances, SequencePredictor
from baselines.layers.detections import Detections
from baselines.layers.dynamic_mask import aligned_bilinear
from baselines.layers.instances import array, covering_frame, encoded, in_class_columns
from baselines.unicorn.detection import DetectionSettings, detect
from baselines.unicorn.images import on_canvas, scale_to_fit
from baselines.unicorn.interaction import embeddings_at
from baselines.unicorn.network import Outputs, UnicornNetwork
from instmove.video import Image

MASK = 0.3
"""Least probability of foreground (external/qdtrack/qdtrack/apis/test_omni.py:138)."""


class UnicornPredictor(SequencePredictor):
    """Instances of every frame, best first; scores stand in the column of the instance's class, boxes are not clipped.

    Frames are scaled to fit into ``height`` times ``width`` pixels, multiples of 32. Embeddings are those of a frame
    that looks at the last one before it in which anything was found; the first looks at itself.
    MasterBin-IIAU/Unicorn@4da9079 external/qdtrack/qdtrack/apis/test_omni.py:68-183.
    """

    def __init__(
        self,
        network: UnicornNetwork,
        height: int,
        width: int,
        device: torch.device | str,
        detection: DetectionSettings = DetectionSettings(),  # noqa: B008  (it is immutable)
    ) -> None:
        self.network = network.to(device).eval()
        self.detection = detection
        self.height, self.width, self.device = height, width, device

    def predict(self, images: Iterable[Image]) -> Iterator[Instances]:
        """Instances of the RGB frames of one video in their order, all of the same size."""
        previous: Tensor | None = None
        for image in images:
            instances, current = self._step(image, previous)
            if previous is None or len(instances):
                previous = current
            yield instances

    @torch.inference_mode()
    def _step(self, image: Image, previous: Tensor | None) -> tuple[Instances, Tensor]:
        """A frame's instances and its middle map, after the ``previous`` one."""
        maps = self.network.maps(on_canvas(image, self.height, self.width, self.device))
        outputs = self.network(maps)
        found = detect(outputs.predictions, 0, outputs.locations, self.detection)
        _, embeddings = self.network.embeddings(maps[1] if previous is None else previous, maps[1])
        features = embeddings_at(found.boxes, embeddings[0], self.network.stride)
        return self._instances(image, outputs, found, features), maps[1]

    def _instances(self, image: Image, outputs: Outputs, found: Detections, embeddings: Tensor) -> Instances:
        scale = scale_to_fit(image, self.height, self.width)
        masks = self.network.masks(outputs, 0, found.locations).sigmoid()
        size = int(image.shape[0] * scale), int(image.shape[1] * scale)
        return Instances(
            scores=in_class_columns(found.scores, found.classes, outputs.predictions.logits.shape[-1]),
            boxes=array(found.boxes / scale),
            embeddings=array(embeddings),
            masks=covering_frame(masks > MASK, size, self.network.mask_stride),
            rles=encoded(masks, lambda chunk: self._at_output(chunk, scale, image)),
        )

    def _at_output(self, masks: Tensor, scale: float, image: Image) -> Tensor:
        """Probabilities at the stride of masks to the input, by 1 / scale, cut or filled up to the frame."""
        canvas = aligned_bilinear(masks[:, None], self.network.mask_stride)
        full = F.interpolate(canvas, scale_factor=1 / scale, mode="bilinear", align_corners=False)[:, 0]
        height, width = image.shape[:2]
        frame = F.pad(full, (0, max(width - full.shape[2], 0), 0, max(height - full.shape[1], 0)))
        return frame[:, :height, :width] > MASK
