"""ConvNeXt against the implementation of the transformers library."""

import torch
from transformers import ConvNextBackbone, ConvNextConfig

from baselines.layers.convnext import ConvNext

CHANNELS, DEPTHS = (8, 16, 24, 32), (1, 2, 2, 1)
RENAMED = {
    "embeddings.patch_embeddings": "downsample_layers.0.0",
    "embeddings.layernorm": "downsample_layers.0.1",
    "encoder.stages": "stages",
    "hidden_states_norms.stage": "norm",
    ".layers.": ".",
    "layernorm": "norm",
    "layer_scale_parameter": "gamma",
}


def ours_named(key: str) -> str:
    for theirs, ours in RENAMED.items():
        key = key.replace(theirs, ours)
    parts = key.split(".")
    if "downsampling_layer" in parts:
        return ".".join(("downsample_layers", parts[1], *parts[3:]))
    if key.startswith("norm"):  # the library counts stages from one
        return f"norm{int(parts[0][4:]) - 1}.{parts[1]}"
    return key


def test_all_three_maps_equal_the_librarys() -> None:
    torch.manual_seed(0)
    config = ConvNextConfig(
        hidden_sizes=list(CHANNELS),
        depths=list(DEPTHS),
        out_features=["stage2", "stage3", "stage4"],
        layer_scale_init_value=1.0,
    )
    library = ConvNextBackbone(config).eval()
    for parameter in library.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    network = ConvNext(CHANNELS, DEPTHS)
    network.load_state_dict({ours_named(key): value for key, value in library.state_dict().items()}, strict=True)
    images = torch.randn(2, 3, 64, 96)
    with torch.no_grad():
        expected, found = library(images).feature_maps, network(images)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)


def test_of_three_stages_all_are_read() -> None:
    network = ConvNext((8, 16, 32), (1, 1, 1))
    assert [tuple(features.shape[1:]) for features in network(torch.zeros(1, 3, 32, 64))] == [
        (8, 8, 16),
        (16, 4, 8),
        (32, 2, 4),
    ]
