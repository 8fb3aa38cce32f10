"""Unicorn as a task of the training loop: pairs of frames, of which the second is looked through."""

import torch
from torch import Tensor, nn

from baselines.unicorn.assignment import Objects, assign
from baselines.unicorn.images import as_input
from baselines.unicorn.interaction import embeddings_at
from baselines.unicorn.losses import detection_losses, identity_loss, mask_loss
from baselines.unicorn.network import UnicornNetwork
from instmove.training.loop import Losses


class UnicornTask(nn.Module):
    """The network and its losses on many objects, all trained at once.

    MasterBin-IIAU/Unicorn@4da9079 unicorn/models/unicorn.py:391-405, 480-513. The authors train masks in a second stage
    with all else frozen, and a single given object in turn with many.
    """

    def __init__(self, network: UnicornNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, batch: dict[str, Tensor], phase: str) -> Losses:
        """Losses on a batch of samples of two frames."""
        images = as_input(batch["images"].transpose(0, 1).flatten(0, 1), batch["sizes"].transpose(0, 1).flatten(0, 1))
        maps = [pair.chunk(2) for pair in self.network.maps(images)]
        outputs = self.network([second for _, second in maps])
        objects = [_objects(batch, sample) for sample in range(len(batch["labels"]))]
        positives = [
            assign(outputs.predictions, image, outputs.locations, truth) for image, truth in enumerate(objects)
        ]
        losses = detection_losses(outputs, objects, positives)
        losses["mask"] = mask_loss(self.network, outputs, objects, positives)
        losses["identity"] = self._identity_loss(batch, *maps[1])
        return {"loss": torch.stack(list(losses.values())).sum(), **losses}

    def _identity_loss(self, batch: dict[str, Tensor], previous: Tensor, current: Tensor) -> Tensor:
        """The mean over samples, of the embeddings at the centres of the annotated boxes."""
        maps = self.network.embeddings(previous, current)
        losses = []
        for sample, boxes in enumerate(batch["boxes"]):
            first, second = (
                embeddings_at(boxes[frame], maps[frame][sample], self.network.stride) for frame in range(2)
            )
            losses.append(identity_loss(first, second, batch["visible"][sample]))
        return torch.stack(losses).mean()


def _objects(batch: dict[str, Tensor], sample: int) -> Objects:
    """Those that the second frame shows."""
    rows = batch["visible"][sample, 1] & (batch["labels"][sample] >= 0)
    return Objects(batch["labels"][sample][rows], batch["boxes"][sample, 1][rows], batch["masks"][sample, 1][rows])
