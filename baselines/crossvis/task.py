"""CrossVIS as a task of the training loop: pairs of frames."""

import math

import torch
from torch import Generator, Tensor, nn

from baselines.crossvis.assignment import Objects, Positives, assign
from baselines.crossvis.head import PRIOR
from baselines.crossvis.images import as_input
from baselines.crossvis.losses import (
    MOST_MASKS,
    Judged,
    crossover_loss,
    detection_losses,
    identity_loss,
    own_mask_loss,
)
from baselines.crossvis.network import CrossVisNetwork
from instmove.training.loop import Losses


class CrossVisTask(nn.Module):
    """The network, the classifier of the training set's ``identities``, and the losses.

    Random choices follow from the iteration alone. hustvl/CrossVIS@378f4f3 adet/modeling/condinst/crossvis.py:125-249.
    """

    def __init__(self, network: CrossVisNetwork, identities: int) -> None:
        super().__init__()
        self.network = network
        self.classifier = nn.Linear(network.embedding, identities)
        nn.init.normal_(self.classifier.weight, std=0.01)
        nn.init.constant_(self.classifier.bias, -math.log((1 - PRIOR) / PRIOR))

    def forward(self, batch: dict[str, Tensor], phase: str) -> Losses:
        """Losses on a batch of samples of two frames; each frame is a forward pass of its own."""
        generator = Generator().manual_seed(int(batch["iteration"][0]))
        first, second = self._judged(batch, 0), self._judged(batch, 1)
        pair = [(frame, self._some(frame.positives, generator)) for frame in (first, second)]
        each = [
            {**detection_losses(frame), "mask": own_mask_loss(self.network, frame, places)} for frame, places in pair
        ]
        losses = {name: (each[0][name] + each[1][name]) / 2 for name in each[0]}
        there = crossover_loss(self.network, *pair[0], *pair[1], generator)
        back = crossover_loss(self.network, *pair[1], *pair[0], generator)
        losses["crossover"] = (there + back) / 2
        losses["identity"] = self._identity_loss(first, second)
        return {"loss": torch.stack(list(losses.values())).sum(), **losses}

    def _judged(self, batch: dict[str, Tensor], frame: int) -> Judged:
        outputs = self.network(as_input(batch["images"][:, frame], batch["sizes"][:, frame]))
        valid = batch["visible"][:, frame] & (batch["labels"] >= 0)
        objects = Objects(batch["labels"], batch["boxes"][:, frame], batch["masks"][:, frame], valid, batch["ids"])
        return Judged(outputs, objects, assign(outputs.locations, objects, self.network.sizes))

    def _some(self, positives: Positives, generator: Generator) -> Positives:
        """At most MOST_MASKS of them."""
        if len(positives) <= MOST_MASKS:
            return positives
        return positives.select(torch.randperm(len(positives), generator=generator)[:MOST_MASKS])

    def _identity_loss(self, *frames: Judged) -> Tensor:
        embeddings = torch.cat([frame.positives.at(frame.outputs.predictions.embeddings) for frame in frames])
        ids = torch.cat([frame.positives.of(frame.objects.ids) for frame in frames])
        return identity_loss(self.classifier, embeddings, ids)
