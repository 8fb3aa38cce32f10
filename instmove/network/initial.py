"""Where training starts from: a network that predicts the last mask again.

The paper does not say how its networks are initialised. With torch's defaults the signal of the masks shrinks to
nothing on its way through the ConvLSTM layers, and hundreds of iterations pass before anything is learned. Here a few
channels carry the last mask through the network instead: strided convolutions move pixels into channels, the gates let
them pass, transposed convolutions move them back. All other channels start random (He), so everything can be learned.
"""

import torch
from torch import Tensor, nn

from instmove.network.base import InstMoveNetwork
from instmove.network.convlstm import ConvLstmCell
from instmove.network.decoder import ImageFusion, ResidualBlock

TAPS = ((1, 1), (1, 2), (2, 1), (2, 2))
"""Where a 3x3 kernel of stride 2 and padding 1 sees the four pixels of its cell."""
CENTRE = ((1, 1),)
CARRIED = 0.3
"""Value that carries a foreground pixel: small enough for tanh to be nearly straight."""
OPEN, FORGET = 2.0, -3.0
"""Biases of the input and output gates, and of the forget gate: the last frame weighs most."""
CONFIDENCE = 3.0
"""Logit of a carried foreground pixel, and of the background with the other sign."""


def start_as_copy(network: InstMoveNetwork) -> None:
    """Initialise everything but the memory and the image encoder, from torch's global generator."""
    for module in [*network.encoder.modules(), *network.decoder.modules(), *network.memory.modules()]:
        if isinstance(module, nn.Conv2d | nn.Conv3d | nn.ConvTranspose2d):
            _random(module)
    carriers = 1
    *before, last = [layer for layer in network.encoder if isinstance(layer, nn.Conv2d)]
    for layer in (*before, last):
        carriers = _carry(layer, carriers, CARRIED if layer is last else 1.0)
    for cell in network.convlstm_list:
        assert isinstance(cell, ConvLstmCell)
        _carry_gates(cell, carriers)
    for module in network.decoder.modules():
        if isinstance(module, nn.ConvTranspose2d):
            carriers = _carry_back(module, carriers)
        elif isinstance(module, ResidualBlock):
            nn.init.zeros_(module.conv2.weight)
        elif isinstance(module, ImageFusion) and module.skip_conv is not None:
            nn.init.zeros_(module.skip_conv.weight)
    decision = network.decoder.layer_f[-1]
    assert isinstance(decision, nn.ConvTranspose2d)
    _decide(decision)


def _random(layer: nn.Conv2d | nn.Conv3d | nn.ConvTranspose2d) -> None:
    """He's initialisation; a transposed convolution of stride s adds up fan_in / s^2 terms."""
    terms: float = layer.in_channels * layer.weight[0, 0].numel()
    if isinstance(layer, nn.ConvTranspose2d):
        terms /= layer.stride[0] * layer.stride[1]
    nn.init.normal_(layer.weight, std=(2 / terms) ** 0.5)
    assert layer.bias is not None
    nn.init.zeros_(layer.bias)


@torch.no_grad()
def _carry(layer: nn.Conv2d, carriers: int, gain: float) -> int:
    """Let the first channels in reach the first channels out, four for one where the stride is two."""
    taps = TAPS if layer.stride[0] == 2 else CENTRE
    after = min(carriers * len(taps), layer.out_channels)
    layer.weight[:after] = 0
    for channel in range(after):
        row, column = taps[channel % len(taps)]
        layer.weight[channel, channel // len(taps), row, column] = gain
    return after


@torch.no_grad()
def _carry_back(layer: nn.ConvTranspose2d, carriers: int) -> int:
    """The inverse: four channels in become one channel out where the stride is two."""
    taps = TAPS if layer.stride[0] == 2 else CENTRE
    after = carriers // len(taps)
    layer.weight[:, :after] = 0
    for channel in range(after * len(taps)):
        row, column = taps[channel % len(taps)]
        layer.weight[channel, channel // len(taps), row, column] = 1.0
    return after


@torch.no_grad()
def _carry_gates(cell: ConvLstmCell, carriers: int) -> None:
    """Gates i, g, f, o: g of a carrier is that carrier, and what passes them keeps its value."""
    for layer in (cell.conv2d_x, cell.conv2d_h):
        nn.init.normal_(layer.weight, std=(0.5 / (layer.in_channels * 9)) ** 0.5)
        assert layer.bias is not None
        nn.init.zeros_(layer.bias)
    assert cell.conv2d_x.bias is not None
    i, _, f, o = cell.conv2d_x.bias.chunk(4)
    i.fill_(OPEN)
    o.fill_(OPEN)
    f.fill_(FORGET)
    for weight in (cell.conv2d_x.weight, cell.conv2d_h.weight):
        weight.chunk(4)[1][:carriers] = 0
    passed = torch.sigmoid(torch.tensor(OPEN)) ** 2
    for channel in range(carriers):
        cell.conv2d_x.weight.chunk(4)[1][channel, channel, 1, 1] = 1 / passed


@torch.no_grad()
def _decide(last: nn.ConvTranspose2d) -> None:
    """Logits +-CONFIDENCE from the one carrier that is left; the other channels have no say yet."""
    carrier: Tensor = last.weight[0, 0, 1, 1].clone()
    last.weight.zero_()
    last.weight[0, 0, 1, 1] = carrier * 2 * CONFIDENCE / CARRIED
    assert last.bias is not None
    last.bias.fill_(-CONFIDENCE)
