"""Training RAFT: the sequence loss as a task of the training loop, and the errors that are reported."""

import torch
from torch import Tensor, nn

from instmove.flow.raft import Raft

PHASES = ("flow",)
LARGEST_FLOW = 400.0
"""Longer flow, in pixels, is taken for a mistake of the labels (train.py:42)."""


class FlowTask(nn.Module):
    """RAFT with its loss; as everywhere but in the first stage, batch normalisation can be frozen (train.py:147-148).

    What the loop should be told: AdamW (eps 1e-8, torch's default), schedule ``onecycle``, clip 1.0, weight decay 1e-4
    for base training and 1e-5 for fine-tuning (train_standard.sh:3-6).
    """

    def __init__(self, raft: Raft, iterations: int, gamma: float, frozen_norm: bool) -> None:
        """``iterations`` refinements a step; ``gamma`` discounts the loss of all but the last (0.8 or 0.85)."""
        super().__init__()
        self.raft, self.iterations, self.gamma, self.frozen_norm = raft, iterations, gamma, frozen_norm

    def train(self, mode: bool = True) -> "FlowTask":
        """Training mode, except for batch normalisation that is frozen: it keeps its running statistics."""
        super().train(mode)
        if self.frozen_norm:
            for module in self.raft.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()
        return self

    def forward(self, batch: dict[str, Tensor], phase: str) -> dict[str, Tensor]:
        """Loss, end-point error and share of errors below 1 px on a batch as ``FlowSource`` makes it."""
        flows = self.raft(batch["image1"], batch["image2"], self.iterations)
        known = (batch["valid"] >= 0.5) & (batch["flow"].norm(dim=1) < LARGEST_FLOW)
        loss = sequence_loss(flows, batch["flow"], known, self.gamma)
        return {"loss": loss, **flow_errors(flows[-1].detach(), batch["flow"], known)}


def sequence_loss(flows: list[Tensor], truth: Tensor, known: Tensor, gamma: float) -> Tensor:
    """Discounted sum over iterations of the mean absolute error (train.py:47-72).

    ``flows`` and ``truth`` (B, 2, H, W), ``known`` (B, H, W); unknown pixels count as zero, in the mean as well.
    """
    errors = torch.stack([(known[:, None] * (flow - truth).abs()).mean() for flow in flows])
    return (gamma ** torch.arange(len(flows) - 1, -1, -1, device=errors.device) * errors).sum()


def flow_errors(flow: Tensor, truth: Tensor, known: Tensor) -> dict[str, Tensor]:
    """``epe``, the mean length of the error in pixels, and ``1px``, the share of known pixels where it is below 1."""
    lengths = (flow - truth).norm(dim=1)[known]
    lengths = lengths if lengths.numel() else lengths.new_zeros(1)
    return {"epe": lengths.mean(), "1px": (lengths < 1).float().mean()}
