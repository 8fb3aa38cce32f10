import numpy as np
import pytest
import torch

from baselines.layers.fpn import FeaturePyramid, TwoMoreLevels
from instmove.network.backbone import Norm, ResNet
from instmove.network.resnet import ResNetTrunk


def random_state(module: torch.nn.Module) -> None:
    """Non-trivial values everywhere, statistics and frozen constants too."""
    generator = torch.Generator().manual_seed(0)
    for name, value in module.state_dict().items():
        noise = torch.randn(value.shape, generator=generator)
        if value.ndim > 1:
            value.copy_(noise * (2 / value[0].numel()) ** 0.5)
        else:
            value.copy_(1 + 0.1 * noise.abs() if name.endswith(("weight", "var")) else 0.1 * noise)


@torch.no_grad()
def test_stride_on_the_3x3_is_torchvisions_resnet() -> None:
    """The same numbers as InstMove's own trunk, which holds the weights under torchvision's names."""
    ours = ResNet(width=16, depths=(3, 4), norm="frozen")
    random_state(ours)
    theirs = ResNetTrunk(stages=2, width=0.25)
    ordered = list(ours.state_dict())
    renamed = {
        name.replace("stem.conv1.norm", "bn1")
        .replace("stem.", "")
        .replace("shortcut.norm", "downsample.1")
        .replace("shortcut", "downsample.0")
        .replace("conv1.norm", "bn1")
        .replace("conv2.norm", "bn2")
        .replace("conv3.norm", "bn3")
        .replace("res2", "layer1")
        .replace("res3", "layer2"): ours.state_dict()[name]
        for name in ordered
    }
    theirs.load_state_dict(renamed, strict=True)
    images = torch.randn(1, 3, 64, 96, generator=torch.Generator().manual_seed(1))
    for a, b in zip(ours.eval()(images), theirs.eval()(images), strict=True):
        torch.testing.assert_close(a, b)


@torch.no_grad()
def test_stride_in_the_first_1x1_reads_every_second_pixel() -> None:
    network = ResNet(width=8, depths=(1, 1), norm="frozen", stride_in_1x1=True)
    seen: dict[str, tuple[int, ...]] = {}
    block = network.get_submodule("res3.0")
    for name in ("conv1", "conv2"):
        block.get_submodule(name).register_forward_hook(
            lambda module, inputs, output, name=name: seen.update({name: tuple(output.shape[2:])})
        )
    network(torch.zeros(1, 3, 64, 64))
    assert seen == {"conv1": (8, 8), "conv2": (8, 8)}


@pytest.mark.parametrize(("stages", "still_trained"), [(0, 5), (1, 4), (2, 3)])
def test_frozen_stages(stages: int, still_trained: int) -> None:
    network = ResNet(width=8, depths=(1, 1, 1, 1), norm="batch", frozen_stages=stages)
    trained = {name.split(".")[0] for name, p in network.named_parameters() if p.requires_grad}
    assert len(trained) == still_trained


@pytest.mark.parametrize("norm", ["batch", "group"])
def test_norms_for_training_keep_the_scale_from_scratch(norm: Norm) -> None:
    torch.manual_seed(0)
    maps = ResNet(width=16, depths=(1, 1, 1, 1), norm=norm)(50 * torch.randn(2, 3, 64, 96))
    assert [tuple(m.shape[1:]) for m in maps] == [(64, 16, 24), (128, 8, 12), (256, 4, 6), (512, 2, 3)]
    assert all(0.1 < m.std().item() < 10 for m in maps)


@torch.no_grad()
def test_pyramid_adds_the_coarser_level() -> None:
    """With identity laterals and outputs P4 is res4 plus res5 enlarged, P3 what is below it plus P4 enlarged."""
    network = FeaturePyramid(ResNet(2, (1, 1, 1, 1), "batch"), 64, first=3, top_block=TwoMoreLevels(64))
    for name, layer in network.named_children():
        if name.startswith("fpn_"):
            layer.weight.zero_()
            centre = layer.kernel_size[0] // 2
            channels = min(layer.in_channels, 16)
            layer.weight[range(channels), range(channels), centre, centre] = 1
    images = torch.randn(1, 3, 64, 128, generator=torch.Generator().manual_seed(0))
    network.eval()
    res3, res4, res5 = (m[0, :16].numpy() for m in network.bottom_up(images)[1:])
    pyramid = [m[0, :16].numpy() for m in network(images)]
    p4 = res4 + np.kron(res5, np.ones((1, 2, 2)))
    np.testing.assert_allclose(pyramid[2], res5, rtol=1e-5)
    np.testing.assert_allclose(pyramid[1], p4, rtol=1e-5)
    np.testing.assert_allclose(pyramid[0], res3 + np.kron(p4, np.ones((1, 2, 2))), rtol=1e-5)
    assert [m.shape[1:] for m in pyramid[3:]] == [(1, 2), (1, 1)]
