"""MinVIS as a task of the training loop: one frame a sample, no tracking."""

import torch
from torch import Tensor, nn

from baselines.layers.hungarian import Objects
from baselines.layers.images import normalised
from baselines.minvis.losses import mask2former_losses
from baselines.minvis.network import MinVisNetwork, Prediction
from instmove.training.loop import Losses


class MinVisTask(nn.Module):
    """The network and its losses; the points where masks are compared follow from the iteration alone."""

    def __init__(self, network: MinVisNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, batch: dict[str, Tensor], phase: str) -> Losses:
        """Losses on the first frames of a batch of samples; objects that they do not show are left out."""
        images = batch["images"][:, 0]
        outputs = self.network(normalised(images, batch["sizes"][:, 0]))
        valid = batch["visible"][:, 0] & (batch["labels"] >= 0)
        objects = Objects(batch["labels"], batch["masks"][:, 0].float(), valid)
        generator = torch.Generator(images.device).manual_seed(int(batch["iteration"][0]))
        with torch.autocast(images.device.type, enabled=False):
            predictions = tuple(Prediction(p.logits.float(), p.masks.float()) for p in outputs.predictions)
            return mask2former_losses(predictions, objects, self.network.settings.points, generator)
