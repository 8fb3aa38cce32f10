"""A trained IDOL network as a function of frames."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from baselines.idol.network import IdolNetwork, Outputs
from baselines.interface import FramePredictor, Instances
from baselines.layers.boxes import to_corners
from baselines.layers.images import normalised, padded_batch, scaled_size
from baselines.layers.instances import array, covering_frame, encoded
from baselines.layers.nms import batched_nms
from instmove.video import Image

LEAST = 0.1
"""Probability of its best class that makes a query a candidate (projects/IDOL/idol/config.py:59)."""
OVERLAP = 0.9
"""IoU of boxes above which the better of two candidates of a class suppresses the other (idol.py:352-368)."""

Size = tuple[int, int]


class IdolPredictor(FramePredictor):
    """Instances of every frame, best first, at least one; scores are class probabilities.

    Frames are resized so that their short side is ``shortest``, their long one at most ``longest`` pixels.
    wjf5203/VNext@db33833 projects/IDOL/idol/idol.py:352-368 (candidates), 379-471 (masks).
    """

    def __init__(
        self, network: IdolNetwork, shortest: int, longest: int, window: int, device: torch.device | str
    ) -> None:
        self.network = network.to(device).eval()
        self.shortest, self.longest, self.window, self.device = shortest, longest, window, device

    @torch.inference_mode()
    def predict(self, images: Sequence[Image]) -> list[Instances]:
        """Instances of up to ``window`` RGB frames of one video, all of the same size."""
        output = images[0].shape[0], images[0].shape[1]
        size = scaled_size(*output, self.shortest, self.longest)
        sizes = torch.tensor(size, device=self.device).expand(len(images), 2)
        outputs = self.network(normalised(padded_batch(images, *size, self.device), sizes), sizes)
        features = self.network.features(outputs)
        return [self._instances(outputs, features, frame, size, output) for frame in range(len(images))]

    def _instances(self, outputs: Outputs, features: Tensor, frame: int, size: Size, output: Size) -> Instances:
        """One frame's, of this ``size`` without padding at the network's input."""
        last = outputs.predictions[-1]
        scores, boxes = last.logits[frame].sigmoid(), last.boxes[frame]
        rows = candidates(scores, boxes)
        queries = last.queries[frame, rows]
        points = last.points[frame, rows] * torch.tensor(size[::-1], device=self.device)
        masks = self.network.masks(features[frame].expand(len(rows), -1, -1, -1), points, queries)
        embeddings = self.network.embedder(queries)
        return instances_of(scores[rows], boxes[rows], embeddings, masks, size, output, self.network.mask_stride)


def candidates(scores: Tensor, boxes: Tensor) -> Tensor:
    """Rows of queries with class probabilities (Q, C), boxes (Q, 4) that count, best first; at least the best one."""
    confidence, labels = scores.max(dim=1)
    rows = torch.nonzero(confidence > LEAST)[:, 0]
    if not len(rows):
        return confidence.argmax()[None]
    return rows[batched_nms(to_corners(boxes[rows]), confidence[rows], labels[rows], OVERLAP)]


def instances_of(
    scores: Tensor, boxes: Tensor, embeddings: Tensor, masks: Tensor, size: Size, output: Size, stride: int
) -> Instances:
    """N candidates of a frame: probabilities (N, C), boxes (N, 4) in 0..1, embeddings (N, D), mask logits (N, h, w).

    ``size`` is the frame's height and width at the network's input without padding, ``output`` that of the results,
    ``stride`` that of the masks.
    """
    scale = boxes.new_tensor(output[::-1]).repeat(2)
    return Instances(
        scores=array(scores),
        boxes=array(to_corners(boxes) * scale),
        embeddings=array(embeddings),
        masks=covering_frame(masks.sigmoid() > 0.5, size, stride),
        rles=encoded(masks, lambda chunk: _at_output(chunk, size, output, stride)),
    )


def _at_output(masks: Tensor, size: Size, output: Size, stride: int) -> Tensor:
    """To the padded input, cut to the frame, to the output size without smoothing, thresholded."""
    padded = F.interpolate(masks[:, None], scale_factor=stride, mode="bilinear", align_corners=False).sigmoid()
    return F.interpolate(padded[..., : size[0], : size[1]], output, mode="nearest")[:, 0] > 0.5
