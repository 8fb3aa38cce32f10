"""IDOL as a task of the training loop: pairs of frames, the earlier one being the key."""

import torch
from torch import Generator, Tensor, nn

from baselines.idol.losses import WEIGHTS, Objects, Truth, detection_losses, embedding_losses, match
from baselines.idol.network import IdolNetwork, Outputs
from baselines.layers.boxes import from_corners
from baselines.layers.images import normalised
from instmove.training.loop import Losses

KEY, REFERENCE = 0, 1
"""Frames of a sample (wjf5203/VNext@db33833 projects/IDOL/idol/idol.py:310-314)."""


class IdolTask(nn.Module):
    """The network with its losses; what is random follows from the iteration alone."""

    def __init__(self, network: IdolNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, batch: dict[str, Tensor], phase: str) -> Losses:
        """``loss``, the weighted sum, and its unweighted parts, those of detection summed over the decoder's layers."""
        outputs, reference = self._outputs(batch, KEY), self._outputs(batch, REFERENCE)
        truth = self._truth(batch, outputs)
        here = _objects(batch, KEY)
        there = _objects(batch, REFERENCE)
        both = Objects(there.labels, there.boxes, here.valid & there.valid)
        matches = [match(prediction, here) for prediction in outputs.predictions]
        each = [
            detection_losses(self.network, prediction, found, here, truth)
            for prediction, found in zip(outputs.predictions, matches, strict=True)
        ]
        losses = {name: torch.stack([part[name] for part in each]).sum() for name in each[0]}
        queries = outputs.predictions[-1].queries
        key = queries.gather(1, matches[-1].best[..., None].expand(-1, -1, queries.shape[2]))
        generator = Generator().manual_seed(int(batch["iteration"][0]))
        losses |= embedding_losses(self.network, key, reference.predictions[-1], both, generator)
        total = torch.stack([WEIGHTS[name] * value for name, value in losses.items()]).sum()
        return {"loss": total, **losses}

    def _outputs(self, batch: dict[str, Tensor], frame: int) -> Outputs:
        sizes = batch["sizes"][:, frame]
        return self.network(normalised(batch["images"][:, frame], sizes), sizes)

    def _truth(self, batch: dict[str, Tensor], outputs: Outputs) -> Truth:
        """Masks are every mask_stride-th pixel from half of that on (deformable_detr.py:375-378)."""
        stride = self.network.mask_stride
        masks = batch["masks"][:, KEY, :, stride // 2 :: stride, stride // 2 :: stride]
        return Truth(self.network.features(outputs), masks, batch["sizes"][:, KEY].flip(1))


def _objects(batch: dict[str, Tensor], frame: int) -> Objects:
    scale = batch["sizes"][:, frame].flip(1).repeat(1, 2)[:, None]
    boxes = from_corners(batch["boxes"][:, frame] / scale)
    return Objects(batch["labels"], boxes, batch["visible"][:, frame] & (batch["labels"] >= 0))
