"""STCN as a task of the training loop: three frames, the second and the third segmented from those before."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from baselines.stcn.aggregation import aggregate
from baselines.stcn.guidance import TrainingMotion
from baselines.stcn.losses import Bootstrap, bootstrapped_loss
from baselines.stcn.memory import affinity, similarity
from baselines.stcn.network import Encoded, Stcn
from instmove.network.canvas import MEAN, STD
from instmove.training.loop import Losses


@dataclass(frozen=True)
class _Clip:
    """A batch of B clips of T frames with K objects each."""

    images: Tensor
    """(B, T, 3, H, W), normalised."""
    labels: Tensor
    """(B, T, H, W): 0 is background, 1 to K the objects."""
    present: Tensor
    """(B, K, 1, 1): 1 for objects that the clip has, else 0."""
    frames: list[Encoded]
    """T frames as the key encoder sees them, B each."""


class StcnTask(nn.Module):
    """Masks of frame 0 to those of the frames after it, predictions fed back (model/model.py:55-150).

    The network stays in evaluation mode, so that statistics of its normalisation do not change (model.py:229-235);
    static pre-training from nothing has yet to learn them (``learn_norms``). ``motion`` gives the motion masks.
    """

    def __init__(
        self, network: Stcn, bootstrap: Bootstrap, motion: TrainingMotion | None = None, learn_norms: bool = False
    ) -> None:
        super().__init__()
        self.network, self.bootstrap, self.learn_norms = network, bootstrap, learn_norms
        self.motion = motion

    def train(self, mode: bool = True) -> "StcnTask":
        """Normalisation learns in static pre-training alone; motion never does."""
        super().train(mode)
        self.network.train(mode and self.learn_norms)
        if self.motion is not None:
            self.motion.eval()
        return self

    def forward(self, batch: dict[str, Tensor], phase: str) -> Losses:
        """Losses on ``images`` (B, T, 3, H, W), bytes, and ``labels`` (B, T, H, W): 0, and 1 to K for the objects."""
        clip = self._encoded(batch)
        share = self.bootstrap.share(int(batch["iteration"][0]))
        seen = [_one_hot(clip.labels[:, 0], clip.present)]
        values = [self._values(clip, 0, seen[0])]
        losses = []
        for time in range(1, len(clip.frames)):
            logits = self._segment(clip, time, values, self._motion(clip, time, seen))
            losses.append(bootstrapped_loss(logits, clip.labels[:, time], share))
            probabilities = logits.softmax(1)[:, 1:]
            seen.append(_one_hot(logits.detach().argmax(1), clip.present))
            if time + 1 < len(clip.frames):
                values.append(self._values(clip, time, probabilities))
        return {"loss": torch.stack(losses).sum(), "share": losses[0].new_tensor(share)}

    def _encoded(self, batch: dict[str, Tensor]) -> _Clip:
        labels = batch["labels"].long()
        mean, std = (batch["images"].new_tensor(v, dtype=torch.float32)[:, None, None] for v in (MEAN, STD))
        images = (batch["images"].float() - mean) / std
        encoded = self.network.encode_key(images.flatten(0, 1))
        parts = [part.unflatten(0, images.shape[:2]).unbind(1) for part in vars(encoded).values()]
        frames = [Encoded(*each) for each in zip(*parts, strict=True)]
        return _Clip(images, labels, batch["present"][..., None, None].float(), frames)

    def _values(self, clip: _Clip, time: int, masks: Tensor) -> Tensor:
        """Values (B, K, V, h, w) of a frame with masks or probabilities (B, K, H, W)."""
        count = masks.shape[1]
        others = masks.sum(1, keepdim=True) - masks
        shown = (masks, others)[: self.network.settings.masks]
        image, f16 = (part.repeat_interleave(count, 0) for part in (clip.images[:, time], clip.frames[time].f16))
        values: Tensor = self.network.value_encoder(image, f16, *(part.flatten(0, 1)[:, None] for part in shown))
        return values.unflatten(0, masks.shape[:2])

    def _segment(self, clip: _Clip, time: int, values: list[Tensor], motion: Tensor | None) -> Tensor:
        """Aggregated logits (B, K + 1, H, W) of a frame from the values of the frames before."""
        frame, count = clip.frames[time], values[0].shape[1]
        keys = torch.stack([each.key for each in clip.frames[: len(values)]], dim=2).flatten(2)
        with torch.autocast(keys.device.type, enabled=False):  # large terms that nearly cancel: 8 bits are too few
            weights = affinity(similarity(keys.float(), frame.key.flatten(2).float()), None)
        memory = torch.stack(values, dim=3).flatten(3)
        read = (memory @ weights[:, None]).unflatten(3, tuple(frame.key.shape[2:])).flatten(0, 1)
        repeated = Encoded(*(part.repeat_interleave(count, 0) for part in vars(frame).values()))
        logits = self.network.segment(read, repeated, motion).float().unflatten(0, values[0].shape[:2])[:, :, 0]
        return aggregate((logits.sigmoid() * clip.present).transpose(0, 1)).transpose(0, 1)

    def _motion(self, clip: _Clip, time: int, seen: list[Tensor]) -> Tensor | None:
        """Motion masks (B K, 1, H, W) of a frame, from the masks seen before it."""
        if self.motion is None:
            return None
        count = seen[0].shape[1]
        image = clip.images[:, time].repeat_interleave(count, 0)
        return self.motion(torch.stack(seen, dim=2).flatten(0, 1), image)[:, None]


def _one_hot(labels: Tensor, present: Tensor) -> Tensor:
    """Masks (B, K, H, W) of zeros and ones from labels (B, H, W)."""
    numbers = torch.arange(1, present.shape[1] + 1, device=labels.device)[:, None, None]
    return (labels[:, None] == numbers).float()
