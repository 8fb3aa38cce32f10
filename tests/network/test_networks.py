"""Both variants: shapes, image modes, what is built and what is not."""

import pytest
import torch
from parity import load_keys
from torch import nn

from instmove.network.base import InstMoveNetwork
from instmove.network.build import ImageMode, Variant, build_network
from instmove.network.checkpoint import UNUSED_RESNET_STAGES
from instmove.network.images import FrozenFeatures

VARIANTS: tuple[Variant, ...] = ("released", "paper")


class HostBackbone(nn.Module):
    """As small as a backbone can be, with statistics that training would change."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 6, 4, 4), nn.BatchNorm2d(6))
        self.deep = nn.Conv2d(6, 10, 2, 2)

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        stride4 = self.stem(images)
        return stride4, self.deep(stride4)


def build(variant: Variant, image: ImageMode, width: float = 0.125) -> InstMoveNetwork:
    torch.manual_seed(0)
    fixed = FrozenFeatures(HostBackbone(), (6, 10)) if image == "fixed" else None
    return build_network(variant, image, width, fixed)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("image", ["none", "full", "fixed"])
def test_any_number_of_past_frames(variant: Variant, image: ImageMode) -> None:
    network = build(variant, image)
    features = network.encode_image(torch.randn(2, 3, 32, 32))
    assert (features is not None) == network.uses_image == (image != "none")
    for n in (2, 3, 5):
        assert network(torch.rand(2, n, 32, 32).round(), features).shape == (2, 32, 32)


@pytest.mark.parametrize("variant", VARIANTS)
def test_one_image_serves_all_instances(variant: Variant) -> None:
    network = build(variant, "full").eval()
    past, image = torch.rand(3, 2, 32, 32).round(), torch.randn(1, 3, 32, 32)
    once = network(past, network.encode_image(image))
    repeated = network(past, network.encode_image(image.expand(3, -1, -1, -1)))
    torch.testing.assert_close(once, repeated, rtol=0, atol=1e-5)


@pytest.mark.parametrize("variant", VARIANTS)
def test_order_of_frames_matters(variant: Variant) -> None:
    network = build(variant, "none").eval()
    past = torch.rand(1, 3, 32, 32).round()
    assert (network(past) - network(past.flip(1))).abs().max() > 1e-5


def test_released_has_the_official_keys() -> None:
    own = {key: list(value.shape) for key, value in build("released", "full", 1.0).state_dict().items()}
    official = {key: shape for key, (shape, _) in load_keys("instmove", "instmove").items()}
    unused = {key for key in official if UNUSED_RESNET_STAGES.match(key)}
    assert own == {key: shape for key, shape in official.items() if key not in unused}
    assert all(".layer3." in key or ".layer4." in key for key in unused)


def test_paper_has_the_layers_of_the_text() -> None:
    network = build("paper", "full", 1.0)
    shapes = {key: tuple(value.shape) for key, value in network.named_parameters() if not key.startswith("encoder_img")}
    weights = {key.removesuffix(".weight"): shape for key, shape in shapes.items() if not key.endswith("bias")}
    motion = {
        f"layers.{i}": (c, b, 3, 3, 3) for i, (b, c) in zip((0, 3, 6), ((1, 64), (64, 128), (128, 256)), strict=True)
    }
    motion["regress"] = (256, 256)
    lstm = {f"convlstm_list.{i}.conv2d_{g}": (512, 128, 3, 3) for i in range(3) for g in "xh"}
    assert weights == {
        "encoder.0": (64, 1, 3, 3),
        "encoder.2": (128, 64, 3, 3),
        **lstm,
        "memory.memory_w": (100, 256),
        **{f"memory.motion_{which}_encoder.{k}": s for which in ("matching", "context") for k, s in motion.items()},
        "memory.embedder": (128, 256),
        "decoder.layer_1.skip_conv": (256, 512, 3, 3),
        "decoder.layer_m.0": (256, 128, 3, 3),
        "decoder.layer_2.skip_conv": (128, 256, 3, 3),
        "decoder.layer_f.0": (128, 64, 3, 3),
        "decoder.layer_f.2": (64, 1, 3, 3),
    }


@pytest.mark.parametrize("variant", VARIANTS)
def test_width_scales_channels_but_not_the_memory(variant: Variant) -> None:
    network = build(variant, "full", 0.25)
    assert network.memory.memory_w.shape == (100, 128 if variant == "released" else 64)
    assert network.encoder_img.channels == (64, 128)


def test_without_images_the_branches_are_absent() -> None:
    keys = build("released", "none").state_dict()
    assert not any("skip_conv" in key or "encoder_img" in key for key in keys)


def test_only_two_stages_are_built() -> None:
    stages = {key.split(".")[2] for key in build("paper", "full").state_dict() if key.startswith("encoder_img.body.")}
    assert stages == {"conv1", "bn1", "layer1", "layer2"}


def test_untrained_image_features_are_of_the_size_of_the_image() -> None:
    for width in (0.25, 1.0):
        network = build("paper", "full", width)
        for features in network.encode_image(torch.randn(4, 3, 64, 64)):
            assert 0.3 < features.square().mean().sqrt() < 3


def test_fixed_features_never_change() -> None:
    network = build("released", "fixed").train()
    before = {key: value.clone() for key, value in network.encoder_img.state_dict().items()}
    assert "extractor.stem.1.running_mean" in before
    optimiser = torch.optim.Adam(network.parameters(), 0.1)
    features = network.encode_image(torch.randn(2, 3, 32, 32) + 3)
    network(torch.rand(2, 2, 32, 32), features).sum().backward()
    optimiser.step()
    for key, value in network.encoder_img.state_dict().items():
        assert torch.equal(value, before[key]), key


def test_frozen_features_go_with_fixed_only() -> None:
    with pytest.raises(ValueError, match="fixed"):
        build_network("released", "fixed", 0.125)
    with pytest.raises(ValueError, match="fixed"):
        build_network("released", "full", 0.125, FrozenFeatures(HostBackbone(), (6, 10)))


@pytest.mark.parametrize("variant", VARIANTS)
def test_learns_to_repeat_a_square(variant: Variant) -> None:
    """Forty steps on one sample bring its loss down by a third: gradients reach what they must."""
    network = build(variant, "full")
    past, target = torch.zeros(1, 2, 32, 32), torch.zeros(1, 32, 32)
    past[:, :, 8:20, 8:20] = target[:, 8:20, 8:20] = 1
    image = torch.randn(1, 3, 32, 32)
    optimiser = torch.optim.Adam(network.parameters(), 2e-3)
    losses = []
    for _ in range(40):
        logits = network(past, network.encode_image(image))
        loss = nn.functional.binary_cross_entropy_with_logits(logits, target)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 1.5
