"""InstMove's two-step iteration (Sec. 3.3) as a task of the training loop."""

from torch import Tensor, nn

from instmove.network.base import InstMoveNetwork
from instmove.training.loop import Losses
from instmove.training.losses import mask_loss

OBSERVE, RECALL = "observe", "recall"
PHASES = (OBSERVE, RECALL)


class MotionTask(nn.Module):
    """Step 1, ``observe``: q_phi sees the target too and trains the memory. Step 2, ``recall``: p_theta sees the past
    alone and the memory is frozen. Both train the modules they share (the paper does not say; LMC-Memory, which the
    network descends from, does).
    """

    def __init__(self, network: InstMoveNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, batch: dict[str, Tensor], phase: str) -> Losses:
        """Losses on ``past`` (B, n, S, S), ``target`` (B, S, S) and ``image`` (B, 3, S, S)."""
        features = self.network.encode_image(batch["image"]) if self.network.uses_image else None
        shown = batch["target"] if phase == OBSERVE else None
        logits = self.network(batch["past"], features, shown)
        total, parts = mask_loss(logits, batch["target"])
        return {"loss": total, **parts}
