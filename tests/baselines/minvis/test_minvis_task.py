"""The training losses: against the library's own, on the awkward batches, and by learning something."""

from typing import Any

import pytest
import torch
from small_minvis import SETTINGS, small_network
from torch import Tensor
from transformers.models.mask2former.configuration_mask2former import Mask2FormerConfig
from transformers.models.mask2former.modeling_mask2former import Mask2FormerLoss

from baselines.layers.hungarian import Objects
from baselines.minvis.host import task
from baselines.minvis.losses import mask2former_losses
from baselines.minvis.network import Prediction


def batch(seed: int = 0, size: int = 2, objects: int = 2) -> dict[str, Tensor]:
    """Bright rectangles on noise, one frame a sample, with a row of padding behind the objects."""
    generator = torch.Generator().manual_seed(seed)
    images = 60 * torch.rand(size, 1, 3, 64, 64, generator=generator)
    masks = torch.zeros(size, 1, objects + 1, 64, 64, dtype=torch.bool)
    labels = torch.full((size, objects + 1), -1)
    for b in range(size):
        for n in range(objects):
            top, left = torch.randint(0, 36, (2,), generator=generator).tolist()
            masks[b, 0, n, top : top + 20, left : left + 24] = True
            labels[b, n] = (b + n) % 3
            images[b, 0, n % 3][masks[b, 0, n]] = 250
    return {
        "images": images,
        "sizes": torch.tensor([64, 60]).expand(size, 1, 2),
        "masks": masks,
        "labels": labels,
        "visible": masks.any(-1).any(-1),
        "iteration": torch.full((size,), seed),
    }


def losses(data: dict[str, Tensor], **changes: Any) -> dict[str, Tensor]:
    return task(small_network(), SETTINGS, 0)(data | changes, "train")


@pytest.mark.parametrize("objects", [0, 1, 3])
def test_equals_the_library(objects: int) -> None:
    """One image and one prediction: both draw the same points from the same seed."""
    torch.manual_seed(1)
    logits, masks = torch.randn(1, 6, 4), 3 * torch.randn(1, 6, 16, 20)
    labels, truth = torch.randint(0, 3, (1, objects)), (torch.rand(1, objects, 64, 80) < 0.3).float()
    annotated = Objects(labels, truth, torch.ones(1, objects, dtype=torch.bool))
    generator = torch.Generator().manual_seed(5)
    found = mask2former_losses((Prediction(logits, masks),), annotated, 200, generator)
    config = Mask2FormerConfig(num_labels=3, train_num_points=200)
    library = Mask2FormerLoss(config, {})
    library.empty_weight[:] = torch.tensor([1, 1, 1, 0.1])
    torch.manual_seed(5)
    if objects:
        expected = library(masks, logits, [truth[0]], [labels[0]])
        torch.testing.assert_close(found["bce"], expected["loss_mask"])
        torch.testing.assert_close(found["dice"], expected["loss_dice"])
    else:
        nothing = (torch.empty(0, dtype=torch.int64), torch.empty(0, dtype=torch.int64))
        expected = library.loss_labels(logits, [labels[0]], [nothing])
        assert found["bce"] == found["dice"] == 0
    torch.testing.assert_close(found["class"], expected["loss_cross_entropy"])
    torch.testing.assert_close(found["loss"], 2 * found["class"] + 5 * found["bce"] + 5 * found["dice"])


def test_every_prediction_counts() -> None:
    """The learned queries' own prediction and one a layer, each with points of its own."""
    network = small_network()
    data = batch()
    seen: list[Tensor] = []
    network.class_predictor.register_forward_hook(lambda *call: seen.append(call[-1]))
    total = task(network, SETTINGS, 0)(data, "train")["loss"]
    gradients = torch.autograd.grad(total, seen)
    assert len(gradients) == 3
    assert all(gradient.abs().sum() > 0 for gradient in gradients)


def test_iteration_decides_the_points() -> None:
    data = batch()
    first, again = losses(data)["loss"], losses(data)["loss"]
    other = losses(data, iteration=data["iteration"] + 1)["loss"]
    assert first == again
    assert first != other


def test_objects_out_of_sight_and_padding_rows_do_not_count() -> None:
    data = batch()
    hidden = data["visible"].clone()
    hidden[:, :, 1] = False
    first = {key: data[key][:, :, :1] for key in ("masks", "visible")}
    expected = losses(data, labels=data["labels"][:, :1], **first)["loss"]
    torch.testing.assert_close(losses(data, visible=hidden)["loss"], expected)


def test_padding_pixels_do_not_count() -> None:
    data = batch()
    changed = data["images"].clone()
    changed[..., 60:] = 255
    torch.testing.assert_close(losses(data, images=changed)["loss"], losses(data)["loss"])


def test_a_batch_without_objects() -> None:
    data = batch()
    found = losses(data, visible=torch.zeros_like(data["visible"]))
    assert found["bce"] == found["dice"] == 0
    assert torch.isfinite(found["loss"])


def test_learns() -> None:
    torch.set_num_threads(1)
    module = task(small_network(), SETTINGS, 0).train()
    optimizer = torch.optim.Adam(module.parameters(), lr=3e-3)
    data = batch()
    values = []
    for iteration in range(30):
        found = module(data | {"iteration": torch.full((2,), iteration)}, "train")
        optimizer.zero_grad()
        found["loss"].backward()
        optimizer.step()
        values.append(found["loss"].item())
    assert values[-1] < 0.7 * values[0]
