"""The network as the paper describes it (Sec. 3.2, 3.3, 4.2, App. A); what it leaves open is in docs/deviations.md."""

import torch
from torch import Tensor, nn

from instmove.network.base import InstMoveNetwork
from instmove.network.convlstm import State
from instmove.network.encoders import VectorEncoder, paper_mask_encoder, scaled
from instmove.network.images import FrozenFeatures, TrainedFeatures
from instmove.network.memory import MotionMemory


class PaperInstMove(InstMoveNetwork):
    """Recalls one pattern (l = 256) an instance and spreads it over the map of the last of three ConvLSTM layers."""

    def __init__(self, images: TrainedFeatures | FrozenFeatures | None, width: float = 1.0) -> None:
        length = scaled(256, width)
        memory = MotionMemory(
            matching=VectorEncoder(width),
            context=VectorEncoder(width),
            length=length,
            embedder=nn.Linear(length, scaled(128, width)),
        )
        super().__init__(paper_mask_encoder(width), 3, memory, images, width, refined=False)

    def fuse(self, state: State, pattern: Tensor) -> Tensor:
        """Append the pattern (B, 128 width) to the hidden map at every position."""
        hidden, _ = state
        spread = pattern[:, :, None, None].expand(-1, -1, *hidden.shape[-2:])
        return torch.cat((hidden, spread), dim=1)
