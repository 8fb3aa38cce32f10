"""A trained CrossVIS network as a function of frames."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from baselines.crossvis.detection import DetectionSettings, detect
from baselines.crossvis.images import as_input
from baselines.crossvis.network import CrossVisNetwork, Outputs
from baselines.interface import FramePredictor, Instances
from baselines.layers.detections import Detections
from baselines.layers.dynamic_mask import aligned_bilinear
from baselines.layers.images import padded_batch, scaled_size
from baselines.layers.instances import array, covering_frame, encoded, in_class_columns
from instmove.video import Image

Size = tuple[int, int]


class CrossVisPredictor(FramePredictor):
    """Instances of every frame, best first; scores stand in the column of the instance's class.

    Frames are resized so that their short side is ``shortest``, their long one at most ``longest`` pixels.
    """

    def __init__(
        self,
        network: CrossVisNetwork,
        shortest: int,
        longest: int,
        window: int,
        device: torch.device | str,
        detection: DetectionSettings = DetectionSettings(),  # noqa: B008  (it is immutable)
    ) -> None:
        self.network = network.to(device).eval()
        self.detection = detection
        self.shortest, self.longest, self.window, self.device = shortest, longest, window, device

    @torch.inference_mode()
    def predict(self, images: Sequence[Image]) -> list[Instances]:
        """Instances of up to ``window`` RGB frames of one video, all of the same size."""
        output = images[0].shape[0], images[0].shape[1]
        size = scaled_size(*output, self.shortest, self.longest)
        batch = padded_batch(images, *size, self.device)
        outputs = self.network(as_input(batch, torch.tensor(size, device=self.device).expand(len(images), 2)))
        return [self._instances(outputs, frame, size, output) for frame in range(len(images))]

    def _instances(self, outputs: Outputs, image: int, size: Size, output: Size) -> Instances:
        """One image's, whose input without padding has this ``size``; crossvis.py:502-514, 603-660."""
        found = detect(outputs.predictions, image, outputs.locations, self.detection)
        boxes, rows = _boxes_in(found, size, output)
        found = Detections(found.locations[rows], found.classes[rows], found.scores[rows], boxes)
        masks = self._masks(outputs, image, found)
        return Instances(
            scores=in_class_columns(found.scores, found.classes, outputs.predictions.logits.shape[-1]),
            boxes=array(boxes),
            embeddings=array(outputs.predictions.embeddings[image, found.locations]),
            masks=covering_frame(masks > 0.5, size, self.network.mask_stride),
            rles=encoded(masks, lambda chunk: self._at_output(chunk, size, output)),
        )

    def _masks(self, outputs: Outputs, image: int, found: Detections) -> Tensor:
        """Probabilities (N, h, w) at the stride of masks, of the padded input."""
        features = outputs.features[image].expand(len(found.locations), -1, -1, -1)
        points, levels = outputs.locations.points[found.locations], outputs.locations.levels[found.locations]
        parameters = outputs.predictions.parameters[image, found.locations]
        return self.network.masks(features, points, levels, parameters).sigmoid()

    def _at_output(self, masks: Tensor, size: Size, output: Size) -> Tensor:
        """To the padded input, cut to the frame, to the output size, thresholded."""
        enlarged = aligned_bilinear(masks[:, None], self.network.mask_stride)[..., : size[0], : size[1]]
        return F.interpolate(enlarged, output, mode="bilinear", align_corners=False)[:, 0] > 0.5


def _boxes_in(found: Detections, size: Size, output: Size) -> tuple[Tensor, Tensor]:
    """Boxes in pixels of the output, clipped to it, without those that are then empty, and which rows they are."""
    height, width = output
    scale = found.boxes.new_tensor([width / size[1], height / size[0]]).repeat(2)
    boxes = (found.boxes * scale).clamp(min=0)
    boxes = torch.minimum(boxes, boxes.new_tensor([width, height]).repeat(2))
    rows = torch.nonzero((boxes[:, 2:] > boxes[:, :2]).all(dim=1))[:, 0]
    return boxes[rows], rows
