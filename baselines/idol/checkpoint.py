"""The authors' IDOL weights under our names."""

from collections.abc import Mapping

from torch import Tensor

from baselines.layers.renaming import renamed, split_attention

ALIAS = "detr.detr.transformer.decoder.bbox_embed."
"""The box heads, which the official network holds twice (deformable_detr.py:107-111)."""
DECODER = r"^transformer\.decoder\.layers\.(\d+)\."

RENAMED = (
    (r"^detr\.detr\.backbone\.0\.backbone\.", "backbone."),
    (r"^detr\.detr\.bbox_embed\.", "transformer.decoder.bbox_embed."),
    (r"^detr\.detr\.class_embed\.", "classifiers."),
    (r"^detr\.detr\.input_proj\.", "projections."),
    (r"^detr\.detr\.query_embed\.", "queries."),
    (r"^detr\.reid_embed_head\.", "embedder."),
    (r"^detr\.(detr\.)?", ""),
    (r"\.linear(\d)\.", r".mlp.fc\1."),
    # the decoder's normalisations are numbered in another order than they are used
    (DECODER + r"norm1\.", r"transformer.decoder.layers.\1.encoder_attn_layer_norm."),
    (DECODER + r"norm3\.", r"transformer.decoder.layers.\1.final_layer_norm."),
    (DECODER + r"norm2\.", r"transformer.decoder.layers.\1.self_attn_layer_norm."),
    (r"\.norm1\.", ".self_attn_layer_norm."),
    (r"\.norm2\.", ".final_layer_norm."),
    (r"\.cross_attn\.", ".encoder_attn."),
    (r"\.out_proj\.", ".o_proj."),
)
"""(pattern, replacement), applied one after another."""


def convert(tensors: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], list[str]]:
    """wjf5203/VNext's IDOL state dict as :class:`IdolNetwork`'s, and the names that are knowingly unused.

    Names that are not known are kept, so that a strict load lists them.
    """
    ours: dict[str, Tensor] = {}
    for key, value in tensors.items():
        if not key.startswith(ALIAS):
            ours |= split_attention(renamed(key, RENAMED), value)
    return ours, [key for key in tensors if key.startswith(ALIAS)]
