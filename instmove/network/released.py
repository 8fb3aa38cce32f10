"""The network of the authors' checkpoint ``motion_model.pth``.

Source: wjf5203/VNext@db33833 projects/InstMove/MinVIS_motion/motion_models/model_withImgR6.py.
"""

import torch
from torch import Tensor, nn

from instmove.network.base import InstMoveNetwork
from instmove.network.convlstm import State
from instmove.network.encoders import DifferenceEncoder, released_mask_encoder, scaled
from instmove.network.images import FrozenFeatures, TrainedFeatures
from instmove.network.memory import MotionMemory


def _embedder(width: float) -> nn.Sequential:
    """Twice deconvolution and ReLU, stride 16 to stride 4: model_withImgR6.py:209-213."""
    length, middle, after = (scaled(channels, width) for channels in (512, 256, 128))
    return nn.Sequential(
        nn.ConvTranspose2d(length, middle, 3, stride=2, padding=1, output_padding=1),
        nn.ReLU(),
        nn.ConvTranspose2d(middle, after, 3, stride=2, padding=1, output_padding=1),
        nn.ReLU(),
    )


class ReleasedInstMove(InstMoveNetwork):
    """Queries the memory at every sixteenth pixel (l = 512) and gates what it recalls, channel by channel."""

    def __init__(self, images: TrainedFeatures | FrozenFeatures | None, width: float = 1.0) -> None:
        memory = MotionMemory(
            matching=DifferenceEncoder(width),
            context=DifferenceEncoder(width),
            length=scaled(512, width),
            embedder=_embedder(width),
        )
        super().__init__(released_mask_encoder(width), 4, memory, images, width, refined=True)
        both, hidden, channels = (scaled(count, width) for count in (256, 16, 128))
        self.attention_func = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(both, hidden),
            nn.ReLU(),
            nn.Linear(hidden, channels),
            nn.Sigmoid(),
        )

    def fuse(self, state: State, pattern: Tensor) -> Tensor:
        """Gate the pattern by the cell map and itself, then append it to the hidden map: lines 164-174."""
        hidden, cell = state
        gate = self.attention_func(torch.cat((cell, pattern), dim=1))
        return torch.cat((hidden, pattern * gate[:, :, None, None]), dim=1)
