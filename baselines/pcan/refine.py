"""Instance-level prototypical cross-attention: a mask made again, knowing the instance's last features and mask."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from baselines.pcan.heads import convolution, doubling
from baselines.pcan.prototypes import fitted, fresh_prototypes

STEPS = 6
"""Of expectation maximisation (em_match_head.py; configs/segtrack-frcnn_r50_fpn_12e_bdd10k_fixed_pcan.py:20)."""
CONVOLUTIONS = 3  # after the first (em_match_head.py:103-150), which num_convs counts, too (the same configuration:11)
MOMENTUM = 0.95
"""Share of the old prototypes in the new (em_match_head.py:248-254)."""
EPSILON = 1e-5  # added to the area over which features are averaged (em_match_head.py:264-272)


class RefineHead(nn.Module):
    """SysCV/pcan@281e3a7 pcan/models/roi_heads/refine_heads/em_match_head.py.

    The prototypes ``pos_mu`` of foreground and ``neg_mu`` of background run with every call, at test time too: results
    depend on all calls before.
    """

    pos_mu: Tensor
    neg_mu: Tensor

    def __init__(self, channels: int, prototypes: int) -> None:
        """``prototypes`` of foreground and as many of background."""
        super().__init__()
        self.conv1 = convolution(channels + 3, channels, 3)
        self.conv2 = convolution(channels, channels, 1)
        self.convs = nn.ModuleList(convolution(channels, channels, 3) for _ in range(CONVOLUTIONS))
        self.upsample = doubling(channels)
        self.conv_logits = convolution(channels, 1, 1)
        self.register_buffer("pos_mu", fresh_prototypes(channels, prototypes))
        self.register_buffer("neg_mu", fresh_prototypes(channels, prototypes))

    def forward(self, features: Tensor, logits: Tensor, past_features: Tensor, past_logits: Tensor) -> Tensor:
        """Mask logits (N, 2h, 2w) of N instances from their features (N, C, h, w) and logits (N, H, W), now and past.

        An instance without a past is its own.
        """
        logits, past_logits = (_resized(maps, features) for maps in (logits, past_logits))
        mask, past_mask = ((maps.sigmoid() >= 0.5).to(maps.dtype) for maps in (logits, past_logits))
        foreground, background = self._memberships(features, mask, past_features, past_mask)
        mean = (past_features * past_mask).sum(dim=(2, 3)) / (past_mask.sum(dim=(2, 3)) + EPSILON)
        x = self.conv1(torch.cat((features, foreground, background, logits), dim=1))
        x = x + self.conv2(mean[:, :, None, None])
        for layer in self.convs:
            x = F.relu(layer(x))
        return self.conv_logits(F.relu(self.upsample(x)))[:, 0]

    def _memberships(
        self, features: Tensor, mask: Tensor, past_features: Tensor, past_mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        """How much each cell is like the foreground's and the background's prototypes, (N, 1, h, w) each."""
        inside = self._run(self.pos_mu, features, mask, past_features, past_mask)
        outside = self._run(self.neg_mu, features, 1 - mask, past_features, 1 - past_mask)
        products = torch.cat((inside, outside), dim=2).transpose(1, 2) @ features.flatten(2)
        foreground, background = F.softmax(products, dim=1).chunk(2, dim=1)
        return foreground.sum(dim=1).view_as(mask), background.sum(dim=1).view_as(mask)

    def _run(self, running: Tensor, features: Tensor, mask: Tensor, past_features: Tensor, past_mask: Tensor) -> Tensor:
        """Prototypes (N, C, K) of what the masks show, first in the past; their mean enters the ``running`` ones."""
        start = running.expand(len(features), -1, -1)
        past = fitted(past_features.flatten(2), start, STEPS, past_mask.flatten(1))
        found = fitted(features.flatten(2), past, STEPS, mask.flatten(1))
        with torch.no_grad():
            running.mul_(MOMENTUM).add_((1 - MOMENTUM) * found.mean(dim=0, keepdim=True))
        return found


def _resized(logits: Tensor, features: Tensor) -> Tensor:
    return F.interpolate(logits[:, None], features.shape[-2:], mode="bilinear", align_corners=False)
