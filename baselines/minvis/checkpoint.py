"""The authors' MinVIS weights under our names."""

from collections.abc import Mapping

from torch import Tensor

from baselines.layers.renaming import renamed, split_attention

PIXELS = "mask2former.pixel_decoder."
FRAMES = "mask2former.transformer."

UNUSED = ("criterion.empty_weight",)
"""Official tensors that are no weights: the loss's own class weights."""

RENAMED = (
    # names before the last two format versions: mask2former/modeling/meta_arch/mask_former_head.py:23-45 and
    # mask2former_video/modeling/transformer_decoder/video_mask2former_transformer_decoder.py:213-234
    (r"^sem_seg_head\.(?!pixel_decoder\.|predictor\.)", "sem_seg_head.pixel_decoder."),
    (r"\.static_query\.", ".query_feat."),
    # pixel decoder
    (r"^sem_seg_head\.pixel_decoder\.", PIXELS),
    (r"\.input_proj\.", ".input_projections."),
    (r"\.mask_features\.", ".mask_projection."),
    (r"\.(adapter|layer)_1\.weight$", r".\1_1.0.weight"),
    (r"\.(adapter|layer)_1\.norm\.", r".\1_1.1."),
    (r"\.pixel_decoder\.transformer\.", ".pixel_decoder."),
    (r"\.norm1\.", ".self_attn_layer_norm."),
    (r"\.norm2\.", ".final_layer_norm."),
    # frame decoder
    (r"^sem_seg_head\.predictor\.class_embed\.", "class_predictor."),
    (r"^sem_seg_head\.predictor\.transformer_(\w+)_layers\.(\d+)\.", rf"{FRAMES}decoder.layers.\2.\1."),
    (r"\.(self|cross)_attention\.norm\.", r".\1_attn_layer_norm."),
    (r"\.(self|cross)_attention\.(self_attn|multihead_attn)\.", r".\1_attn."),
    (r"\.ffn\.norm\.", ".final_layer_norm."),
    (r"\.(?:ffn\.)?linear(\d)\.", r".fc\1."),
    (r"^sem_seg_head\.predictor\.query_embed\.", f"{FRAMES}queries_embedder."),
    (r"^sem_seg_head\.predictor\.query_feat\.", f"{FRAMES}queries_features."),
    (r"^sem_seg_head\.predictor\.level_embed\.", f"{FRAMES}level_embed."),
    (r"^sem_seg_head\.predictor\.decoder_norm\.", f"{FRAMES}decoder.layernorm."),
    (r"^sem_seg_head\.predictor\.mask_embed\.layers\.(\d)\.", rf"{FRAMES}decoder.mask_predictor.mask_embedder.\1.0."),
)
"""(pattern, replacement), applied one after another; the backbone has its official names."""


def convert(tensors: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], list[str]]:
    """NVlabs/MinVIS's state dict as :class:`MinVisNetwork`'s, and the names that are knowingly unused.

    Names that are not known are kept, so that a strict load lists them.
    """
    ours: dict[str, Tensor] = {}
    for key, value in tensors.items():
        if key not in UNUSED:
            ours |= split_attention(renamed(key, RENAMED), value)
    return ours, [key for key in UNUSED if key in tensors]
