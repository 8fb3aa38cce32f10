"""The authors' Unicorn weights under our names."""

import re
from collections.abc import Mapping

from torch import Tensor

from baselines.layers.renaming import renamed
from baselines.unicorn.blocks import EPSILON

RESNET = r"^backbone\.backbone\."
RENAMED = (
    (RESNET + r"(conv1|bn1)\.", r"backbone.backbone.stem.\1."),
    (RESNET + r"layer1\.", "backbone.backbone.res2."),
    (RESNET + r"layer2\.", "backbone.backbone.res3."),
    (RESNET + r"layer3\.", "backbone.backbone.res4."),
    (RESNET + r"layer4\.", "backbone.backbone.res5."),
    (r"(?<=\.)bn(\d)\.", r"conv\1.norm."),
    (r"\.downsample\.0\.", ".shortcut."),
    (r"\.downsample\.1\.", ".shortcut.norm."),
    (r"^head\.mask_branch\.up_mask_layer\.", "up_mask_layer."),
    (r"^head\.mask_branch\.", "mask_branch."),
    (r"^(bottleneck\.)", r"interaction.\1"),
    (r"^pos_emb\.", "interaction.positions."),
    (r"^transformer\.level_embed", "interaction.level_embed"),
    (r"^transformer\.encoder\.layers\.0\.", "interaction.layer."),
)
"""(pattern, replacement), applied one after another; all other names are the same."""
UNUSED = re.compile(
    r"head\.(cls|reg|obj)_preds_sot\.|head\.mask_head\.(sizes_of_interest|_iter)$|\.num_batches_tracked$"
)
"""Last layers for following a single object, buffers that hold settings, and counters."""
FROZEN_EPSILON = 1e-5
"""That our constant batch normalisation adds to the variance; the authors' ResNet adds 1e-3."""


def convert(tensors: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], list[str]]:
    """MasterBin-IIAU/Unicorn's state dict as :class:`UnicornNetwork`'s, and the names that are knowingly unused.

    The difference between both epsilons goes into the variances. Names that are not known are kept, so that a strict
    load lists them.
    """
    used = {key: value for key, value in tensors.items() if not UNUSED.search(key)}
    ours = {renamed(key, RENAMED): _shifted(key, value) for key, value in used.items()}
    return ours, [key for key in tensors if key not in used]


def _shifted(key: str, value: Tensor) -> Tensor:
    return value + (EPSILON - FROZEN_EPSILON) if key.endswith("running_var") else value
