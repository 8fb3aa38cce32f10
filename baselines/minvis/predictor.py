"""A trained MinVIS network as a function of frames."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from baselines.interface import FramePredictor, Instances
from baselines.layers.images import normalised, padded_batch, scaled_size
from baselines.layers.instances import array, covering_frame, encoded
from baselines.minvis.network import MinVisNetwork
from instmove.masks import Rle, box_of_rle
from instmove.video import Image

STRIDE = 4
"""Of the mask logits: NVlabs/MinVIS@d039c54 configs/ovis/video_maskformer2_R50_bs32_8ep_frame.yaml:17."""

Size = tuple[int, int]


class MinVisPredictor(FramePredictor):
    """All queries of every frame; scores are class logits, no-object last.

    Frames are resized so that their short side is ``shortest``, their long one at most ``longest`` pixels.
    NVlabs/MinVIS@d039c54 minvis/video_maskformer_model.py:192-197 (input), 375-390 (masks).
    """

    def __init__(
        self, network: MinVisNetwork, shortest: int, longest: int, window: int, device: torch.device | str
    ) -> None:
        self.network = network.to(device).eval()
        self.shortest, self.longest, self.window, self.device = shortest, longest, window, device

    @torch.inference_mode()
    def predict(self, images: Sequence[Image]) -> list[Instances]:
        """Instances of up to ``window`` RGB frames of one video, all of the same size."""
        output = images[0].shape[0], images[0].shape[1]
        size = scaled_size(*output, self.shortest, self.longest)
        batch = padded_batch(images, *size, self.device)
        outputs = self.network(normalised(batch, torch.tensor(size, device=self.device).expand(len(images), 2)))
        last = outputs.predictions[-1]
        return [
            instances_of(logits, masks, embeddings, size, output)
            for logits, masks, embeddings in zip(last.logits, last.masks, outputs.embeddings, strict=True)
        ]


def instances_of(logits: Tensor, masks: Tensor, embeddings: Tensor, size: Size, output: Size) -> Instances:
    """One frame's class logits (Q, C + 1), mask logits (Q, h, w) at stride 4 and embeddings (Q, D) as instances.

    ``size`` is the frame's height and width at the network's input without padding, ``output`` that of the results.
    """
    rles = encoded(masks, lambda chunk: _at_output(chunk, size, output))
    return Instances(
        scores=array(logits),
        boxes=np.array([_corners(rle) for rle in rles], dtype=np.float32),
        embeddings=array(embeddings),
        masks=covering_frame(masks > 0, size, STRIDE),
        rles=rles,
    )


def _at_output(masks: Tensor, size: Size, output: Size) -> Tensor:
    """Mask logits (K, h, w) at stride 4 to the padded input, cut to the frame, to the output size, thresholded."""
    padded = F.interpolate(masks[None], scale_factor=STRIDE, mode="bilinear", align_corners=False)
    frame = padded[..., : size[0], : size[1]]
    return F.interpolate(frame, output, mode="bilinear", align_corners=False)[0] > 0


def _corners(rle: Rle) -> tuple[float, float, float, float]:
    x, y, width, height = box_of_rle(rle)
    return x, y, x + width, y + height
