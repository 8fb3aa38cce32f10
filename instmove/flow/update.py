"""RAFT's recurrent update: correlation, flow and context to a correction of the flow."""

from functools import partial

import torch
from torch import Tensor, nn


class LargeMotionEncoder(nn.Module):
    """Correlation and flow to motion features, the flow itself in the last two channels (update.py:79-97)."""

    def __init__(self, correlation: int, widths: tuple[int, int, int, int, int]):
        super().__init__()
        corr1, corr2, flow1, flow2, outputs = widths
        self.convc1 = nn.Conv2d(correlation, corr1, 1)
        self.convc2 = nn.Conv2d(corr1, corr2, 3, padding=1)
        self.convf1 = nn.Conv2d(2, flow1, 7, padding=3)
        self.convf2 = nn.Conv2d(flow1, flow2, 3, padding=1)
        self.conv = nn.Conv2d(corr2 + flow2, outputs, 3, padding=1)

    def forward(self, flow: Tensor, correlation: Tensor) -> Tensor:
        """(B, 2, h, w) and (B, C, h, w) to (B, outputs + 2, h, w)."""
        of_correlation = self.convc2(self.convc1(correlation).relu()).relu()
        of_flow = self.convf2(self.convf1(flow).relu()).relu()
        return torch.cat([self.conv(torch.cat([of_correlation, of_flow], dim=1)).relu(), flow], dim=1)


class SmallMotionEncoder(nn.Module):
    """As the large one with a single convolution of the correlation (update.py:62-77)."""

    def __init__(self, correlation: int, widths: tuple[int, int, int, int]):
        super().__init__()
        corr1, flow1, flow2, outputs = widths
        self.convc1 = nn.Conv2d(correlation, corr1, 1)
        self.convf1 = nn.Conv2d(2, flow1, 7, padding=3)
        self.convf2 = nn.Conv2d(flow1, flow2, 3, padding=1)
        self.conv = nn.Conv2d(corr1 + flow2, outputs, 3, padding=1)

    def forward(self, flow: Tensor, correlation: Tensor) -> Tensor:
        """(B, 2, h, w) and (B, C, h, w) to (B, outputs + 2, h, w)."""
        of_correlation = self.convc1(correlation).relu()
        of_flow = self.convf2(self.convf1(flow).relu()).relu()
        return torch.cat([self.conv(torch.cat([of_correlation, of_flow], dim=1)).relu(), flow], dim=1)


def gru_step(hidden: Tensor, x: Tensor, update: nn.Module, reset: nn.Module, candidate: nn.Module) -> Tensor:
    """One gated recurrent step whose three gates are convolutions of the state beside the input."""
    both = torch.cat([hidden, x], dim=1)
    z, r = update(both).sigmoid(), reset(both).sigmoid()
    q = candidate(torch.cat([r * hidden, x], dim=1)).tanh()
    return (1 - z) * hidden + z * q


class SmallGru(nn.Module):
    """Convolutional GRU with 3x3 gates (update.py:16-31)."""

    def __init__(self, hidden: int, inputs: int):
        super().__init__()
        self.convz = nn.Conv2d(hidden + inputs, hidden, 3, padding=1)
        self.convr = nn.Conv2d(hidden + inputs, hidden, 3, padding=1)
        self.convq = nn.Conv2d(hidden + inputs, hidden, 3, padding=1)

    def forward(self, hidden: Tensor, x: Tensor) -> Tensor:
        """State (B, hidden, h, w) and input (B, inputs, h, w) to the next state."""
        return gru_step(hidden, x, self.convz, self.convr, self.convq)


class LargeGru(nn.Module):
    """Separable convolutional GRU: a horizontal step, then a vertical one (update.py:33-60)."""

    def __init__(self, hidden: int, inputs: int):
        super().__init__()
        gate = partial(nn.Conv2d, hidden + inputs, hidden)
        self.convz1, self.convr1, self.convq1 = (gate((1, 5), padding=(0, 2)) for _ in range(3))
        self.convz2, self.convr2, self.convq2 = (gate((5, 1), padding=(2, 0)) for _ in range(3))

    def forward(self, hidden: Tensor, x: Tensor) -> Tensor:
        """State (B, hidden, h, w) and input (B, inputs, h, w) to the next state."""
        hidden = gru_step(hidden, x, self.convz1, self.convr1, self.convq1)
        return gru_step(hidden, x, self.convz2, self.convr2, self.convq2)


class FlowHead(nn.Module):
    """State to a correction of the flow (update.py:6-14)."""

    def __init__(self, hidden: int, inner: int):
        super().__init__()
        self.conv1 = nn.Conv2d(hidden, inner, 3, padding=1)
        self.conv2 = nn.Conv2d(inner, 2, 3, padding=1)

    def forward(self, hidden: Tensor) -> Tensor:
        """(B, hidden, h, w) to (B, 2, h, w)."""
        return self.conv2(self.conv1(hidden).relu())


class UpdateBlock(nn.Module):
    """Motion encoder, GRU, flow head and, in the large model, the head of the upsampling weights (update.py:99-139)."""

    def __init__(self, encoder: nn.Module, gru: nn.Module, flow_head: nn.Module, mask: nn.Module | None = None):
        super().__init__()
        self.encoder, self.gru, self.flow_head, self.mask = encoder, gru, flow_head, mask

    def forward(self, hidden: Tensor, context: Tensor, correlation: Tensor, flow: Tensor) -> tuple[Tensor, Tensor]:
        """The next state (B, hidden, h, w) and the change of flow (B, 2, h, w) in pixels of the 1/8 grid."""
        motion = self.encoder(flow, correlation)
        hidden = self.gru(hidden, torch.cat([context, motion], dim=1))
        return hidden, self.flow_head(hidden)

    def upsampling_logits(self, hidden: Tensor) -> Tensor | None:
        """State to (B, 9 * 64, h, w), a quarter of the head's output (update.py:135); None without that head."""
        return None if self.mask is None else 0.25 * self.mask(hidden)
