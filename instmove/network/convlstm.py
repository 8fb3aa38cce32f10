"""A stack of convolutional LSTM cells, run layer by layer so that each layer sees all frames in one convolution."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

State = tuple[Tensor, Tensor]
"""Hidden map h and cell map c of one layer, each (B, C, H, W)."""


class ConvLstmCell(nn.Module):
    """One layer: 3x3 convolutions of the input and of the hidden map give the gates i, g, f, o, in this order.

    wjf5203/VNext@db33833 projects/InstMove/MinVIS_motion/motion_models/convlstm.py:5-26.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv2d_x = nn.Conv2d(channels, 4 * channels, 3, padding=1)
        self.conv2d_h = nn.Conv2d(channels, 4 * channels, 3, padding=1)

    def forward(self, frames: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Frames (n, B, C, H, W) and the state before them to the hidden maps of all frames and the last state."""
        inputs = self.conv2d_x(frames.flatten(0, 1)).unflatten(0, frames.shape[:2])
        hidden = []
        for gates in inputs:
            state = self._step(gates, state)
            hidden.append(state[0])
        assert state is not None
        return torch.stack(hidden), state

    def _hidden_bias(self) -> Tensor:
        assert self.conv2d_h.bias is not None
        return self.conv2d_h.bias[:, None, None]

    def _step(self, gates: Tensor, state: State | None) -> State:
        if state is None:
            # Of a hidden map of zeros the convolution leaves only its bias.
            i, g, f, o = (gates + self._hidden_bias()).chunk(4, dim=1)
            cell = i.sigmoid() * g.tanh()
        else:
            i, g, f, o = (gates + self.conv2d_h(state[0])).chunk(4, dim=1)
            cell = f.sigmoid() * state[1] + i.sigmoid() * g.tanh()
        return o.sigmoid() * cell.tanh(), cell


def run_layers(cells: nn.ModuleList, frames: Tensor, states: Sequence[State] | None = None) -> tuple[State, ...]:
    """Frames (n, B, C, H, W) through all layers; the last state of each layer, lowest first."""
    last = []
    for index, cell in enumerate(cells):
        frames, state = cell(frames, None if states is None else states[index])
        last.append(state)
    return tuple(last)
