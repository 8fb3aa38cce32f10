"""STCN's training: its loss, what is frozen, and that it segments as inference does."""

from pathlib import Path

import pytest
import torch
from test_stcn_network import SMALL, frames, masks
from torch.nn import functional as F

from baselines.stcn.aggregation import aggregate
from baselines.stcn.checkpoint import load_stcn, save_stcn, single_object, start_from
from baselines.stcn.guidance import TrainingMotion
from baselines.stcn.losses import Bootstrap, bootstrapped_loss
from baselines.stcn.memory import similarity
from baselines.stcn.network import Stcn, StcnSettings
from baselines.stcn.propagate import Memory, propagate
from baselines.stcn.task import StcnTask
from instmove.errors import InstMoveError
from instmove.network.build import build_network
from instmove.network.canvas import MEAN, STD

MOVING = StcnSettings(base=4, key=8, value=32, decoder=16, motion="stride4")


def batch(count: int = 2) -> dict[str, torch.Tensor]:
    """Two samples, the second without the second object."""
    mean, std = (torch.tensor(v)[:, None, None] for v in (MEAN, STD))
    images = (frames(3) * std + mean).clamp(0, 255).round().to(torch.uint8)
    labels = (masks()[0, 0] + 2 * masks()[1, 0]).to(torch.uint8).expand(3, -1, -1)
    single = torch.where(labels == 2, torch.zeros_like(labels), labels)
    present = torch.tensor([[True, True], [True, False]])
    everything = {"images": torch.stack((images, images)), "labels": torch.stack((labels, single)), "present": present}
    return {key: value[:count] for key, value in everything.items()} | {"iteration": torch.full((count,), 3)}


def test_the_share_of_pixels_falls_as_the_authors_does() -> None:
    bootstrap = Bootstrap(20_000, 70_000)
    shares = [bootstrap.share(iteration) for iteration in (0, 19_999, 20_000, 45_000, 70_000, 70_001)]
    assert shares == pytest.approx([1, 1, 1, 0.15 + 0.85 * 0.5, 0.15, 0.15])


def test_the_loss_is_the_mean_of_the_hardest_pixels_of_each_sample() -> None:
    logits, labels = torch.randn(2, 3, 8, 10), torch.randint(0, 3, (2, 8, 10))
    each = F.cross_entropy(logits, labels, reduction="none").flatten(1)
    hardest = each.sort(dim=1, descending=True).values[:, : int(80 * 0.15)]
    torch.testing.assert_close(bootstrapped_loss(logits, labels, 0.15), hardest.mean())
    torch.testing.assert_close(bootstrapped_loss(logits, labels, 1.0), F.cross_entropy(logits, labels))


@torch.no_grad()
def test_the_memory_is_addressed_in_single_precision_under_autocast(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[tuple[torch.Tensor, torch.Tensor]] = []

    def watched(memory: torch.Tensor, query: torch.Tensor) -> torch.Tensor:
        scores = similarity(memory, query)
        exact = similarity(memory.double(), query.double())
        found.append((scores, exact))
        return scores

    monkeypatch.setattr("baselines.stcn.task.similarity", watched)
    torch.manual_seed(0)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        StcnTask(Stcn(SMALL), Bootstrap(20, 70))(batch(), "train")
    assert found
    for scores, exact in found:
        torch.testing.assert_close(scores.double(), exact, rtol=1e-4, atol=1e-4)


@torch.no_grad()
def test_a_clip_is_segmented_as_in_inference() -> None:
    """With a memory of every frame, read as a whole, the loss is that of the inference's probabilities."""
    torch.manual_seed(0)
    network = Stcn(SMALL).eval()
    shown = batch(1)
    mean, std = (torch.tensor(v)[:, None, None] for v in (MEAN, STD))
    images = (shown["images"][0].float() - mean) / std
    objects = {number: (shown["labels"][0, 0] == number).float() for number in (1, 2)}
    found = [p for _, p in propagate(network, images, {0: objects}, memory=Memory(every=1, top_k=10_000))]
    expected = sum(F.nll_loss(p.log()[None], shown["labels"][:, t].long()) for t, p in enumerate(found) if t)
    losses = StcnTask(network, Bootstrap(10, 20))(shown, "train")
    torch.testing.assert_close(losses["loss"], expected, rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_an_absent_object_changes_nothing() -> None:
    torch.manual_seed(0)
    task = StcnTask(Stcn(SMALL).eval(), Bootstrap(10, 20))
    both = batch()
    second = {key: value[1:] for key, value in both.items()}
    alone = second | {"present": second["present"][:, :1]}
    torch.testing.assert_close(task(second, "train")["loss"], task(alone, "train")["loss"], rtol=1e-4, atol=1e-5)


def test_branches_are_alike_before_training() -> None:
    """The convolution is an identity at first, so both have the same loss and, elsewhere, the same gradients."""
    torch.manual_seed(0)
    plain, moving = Stcn(SMALL), Stcn(MOVING)
    moving.load_state_dict(plain.state_dict(), strict=False)
    motion = TrainingMotion(build_network("released", "full", 0.125), 32)
    tasks = StcnTask(plain, Bootstrap(10, 20)), StcnTask(moving, Bootstrap(10, 20), motion)
    losses = [task.train()(batch(), "train")["loss"] for task in tasks]
    torch.testing.assert_close(losses[0], losses[1])
    for loss in losses:
        loss.backward()
    for name, parameter in plain.named_parameters():
        torch.testing.assert_close(parameter.grad, moving.get_parameter(name).grad, rtol=1e-4, atol=1e-6)
    read = moving.decoder.motion
    assert read is not None and read.conv.weight.grad[:, -1].abs().sum() > 0
    assert all(parameter.grad is None for parameter in motion.parameters())


def test_normalisation_learns_in_static_training_alone() -> None:
    for learn, changes in ((False, False), (True, True)):
        torch.manual_seed(0)
        network = Stcn(single_object(SMALL))
        task = StcnTask(network, Bootstrap(10, 20), learn_norms=learn).train()
        before = network.key_encoder.bn1.running_mean.clone()
        shown = batch()
        task(shown | {"present": shown["present"][:, :1], "labels": (shown["labels"] == 1).byte()}, "train")
        assert bool((network.key_encoder.bn1.running_mean != before).any()) == changes


def test_motion_needs_two_masks_that_show_something() -> None:
    torch.manual_seed(0)
    motion = TrainingMotion(build_network("released", "none", 0.125), 32)
    first, second = masks()[:, 0]
    images, nothing = torch.zeros(3, 3, 128, 160), torch.zeros_like(first)
    one = motion(torch.stack((first, second))[:, None], images[:2])
    assert torch.equal(one, torch.stack((first, second)))
    two = motion(torch.stack([torch.stack(p) for p in ((first, second), (first, nothing), (nothing, second))]), images)
    assert torch.equal(two[1], first) and torch.equal(two[2], second)
    assert not torch.equal(two[0], second) and two.min() >= 0 and two.max() <= 1


def test_the_main_training_starts_from_the_static_weights(tmp_path: Path) -> None:
    torch.manual_seed(0)
    static = Stcn(single_object(SMALL))
    save_stcn(tmp_path / "static.safetensors", static)
    plain, moving = (start_from(tmp_path / "static.safetensors", sizes, 5) for sizes in (SMALL, MOVING))
    for name, value in static.state_dict().items():
        kept = plain.state_dict()[name]
        assert torch.equal(kept[:, :4] if name == "value_encoder.conv1.weight" else kept, value)
    stem, other = (net.value_encoder.conv1.weight[:, 4].flatten(1) for net in (plain, moving))
    assert torch.equal(stem, other)
    torch.testing.assert_close(stem @ stem.T if len(stem) <= 49 else stem.T @ stem, torch.eye(min(len(stem), 49)))
    save_stcn(tmp_path / "moving.safetensors", moving)
    assert load_stcn(tmp_path / "moving.safetensors").settings == MOVING
    torch.save(static.state_dict(), tmp_path / "authors.pth")
    official = start_from(tmp_path / "authors.pth", MOVING, 5).state_dict()
    assert all(torch.equal(official[name], value) for name, value in moving.state_dict().items())
    with pytest.raises(InstMoveError, match=r"wide.safetensors: these are not the weights of this network"):
        save_stcn(tmp_path / "wide.safetensors", Stcn(StcnSettings(base=8, key=8, value=32, decoder=16)))
        start_from(tmp_path / "wide.safetensors", SMALL, 0)


@torch.no_grad()
def test_background_and_objects_add_up() -> None:
    probabilities = torch.rand(2, 3, 4, 5)
    torch.testing.assert_close(aggregate(probabilities).softmax(0).sum(0), torch.ones(3, 4, 5))
