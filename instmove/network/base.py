"""What both InstMove networks have in common: the flow of Fig. 2."""

from abc import ABC, abstractmethod

from torch import Tensor, nn

from instmove.network.convlstm import ConvLstmCell, State, run_layers
from instmove.network.decoder import Decoder, Features
from instmove.network.encoders import MaskEncoder, scaled
from instmove.network.images import FrozenFeatures, TrainedFeatures
from instmove.network.memory import MotionMemory


class InstMoveNetwork(nn.Module, ABC):
    """Predicts the next mask of an instance from n >= 2 past masks on a square canvas of side S, a multiple of 16.

    Attribute names are those of the released state dict.
    """

    def __init__(
        self,
        encoder: MaskEncoder,
        layers: int,
        memory: MotionMemory,
        images: TrainedFeatures | FrozenFeatures | None,
        width: float,
        refined: bool,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.convlstm_list = nn.ModuleList(ConvLstmCell(scaled(128, width)) for _ in range(layers))
        self.memory = memory
        self.encoder_img = images
        self.decoder = Decoder(None if images is None else images.channels, width, refined)

    @property
    def uses_image(self) -> bool:
        """Whether the decoder needs image features."""
        return self.encoder_img is not None

    @abstractmethod
    def fuse(self, state: State, pattern: Tensor) -> Tensor:
        """Combine the last ConvLSTM layer's state with the recalled pattern: (B, 256 width, S/4, S/4)."""

    def encode_image(self, images: Tensor) -> Features | None:
        """Features at strides 4 and 8 of normalised RGB (B, 3, S, S); None if the network has no image encoder."""
        return None if self.encoder_img is None else self.encoder_img(images)

    def encode_masks(self, masks: Tensor) -> Tensor:
        """E_m on every frame of (B, n, S, S), all in one batch; time first: (n, B, 128 width, S/4, S/4)."""
        frames = masks.transpose(0, 1)
        return self.encoder(frames.flatten(0, 1)[:, None]).unflatten(0, frames.shape[:2])

    def decode(self, state: State, pattern: Tensor, features: Features | None) -> Tensor:
        """D_m: logits (B, S, S)."""
        return self.decoder(self.fuse(state, pattern), features).squeeze(1)

    def forward(self, past: Tensor, features: Features | None = None, target: Tensor | None = None) -> Tensor:
        """Logits (B, S, S) from past masks (B, n, S, S) of zeros and ones, oldest first.

        With a target (B, S, S) this is step 1 of Sec. 3.3 (q_phi sees past and target, the memory learns), without one
        it is step 2 and inference (p_theta, the memory gets no gradient). Features of batch 1 serve all B instances.
        """
        pattern = self.memory(past, target)
        states = run_layers(self.convlstm_list, self.encode_masks(past))
        return self.decode(states[-1], pattern, features)
