"""Assignment, losses and gradients against the official code's own numbers (seeded weights, CPU)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from crossvis_reference import official_state, paper_network
from parity import Npz, assert_parity, ellipse, img, load_fixture
from torch import Generator, Tensor, nn

from baselines.crossvis.assignment import Positives, centerness, distances
from baselines.crossvis.checkpoint import convert
from baselines.crossvis.crossover import draw_partners
from baselines.crossvis.losses import identity_loss
from baselines.crossvis.task import CrossVisTask
from baselines.layers.locations import Locations, locations_of

LOSSES = {
    "crossover": "loss_cross_over",
    "class": "loss_fcos_cls",
    "centerness": "loss_fcos_ctr",
    "box": "loss_fcos_loc",
    "mask": "loss_mask",
    "identity": "loss_reid",
}


def official_batch(npz: Npz) -> dict[str, Tensor]:
    """Two pairs of frames; a row is one object in both frames, where the official lists are linked by indices."""
    batch = {
        "images": torch.zeros(2, 2, 3, 128, 160),
        "sizes": torch.tensor([128, 160]).expand(2, 2, 2),
        "masks": torch.zeros(2, 2, 4, 128, 160, dtype=torch.bool),
        "boxes": torch.zeros(2, 2, 4, 4),
        "visible": torch.zeros(2, 2, 4, dtype=torch.bool),
        "labels": torch.full((2, 4), -1),
        "ids": torch.zeros(2, 4, dtype=torch.int64),
        "iteration": torch.zeros(2, dtype=torch.int64),
    }
    for pair in range(2):
        base = img(20 * pair, 3, 128, 160).astype(np.float64)
        moved = 0.9 * np.roll(base, (4, -6), axis=(1, 2)) + 0.1 * img(20 * pair + 100, 3, 128, 160)
        rows: dict[int, int] = {}
        for frame, image in enumerate((base, moved)):
            batch["images"][pair, frame] = torch.from_numpy((255 * image).astype(np.float32))[[2, 1, 0]]
            gt = {name: npz[f"train_gt_pair{pair}_frame{frame}_{name}"] for name in ("boxes", "classes", "ids")}
            shapes = npz[f"train_gt_pair{pair}_frame{frame}_ellipses_cy_cx_ry_rx"]
            for n, number in enumerate(gt["ids"].tolist()):
                row = rows.setdefault(number, len(rows))
                batch["masks"][pair, frame, row] = torch.from_numpy(ellipse(128, 160, *shapes[n].astype(np.float64)))
                batch["boxes"][pair, frame, row] = torch.from_numpy(gt["boxes"][n])
                batch["visible"][pair, frame, row] = True
                batch["labels"][pair, row], batch["ids"][pair, row] = int(gt["classes"][n]), number
    return batch


def official_order(positives: Positives, locations: Locations) -> Tensor:
    """Level by level, in each image by image."""
    levels = locations.levels[positives.locations]
    keys = (levels * 100 + positives.images) * 100_000 + positives.locations
    return keys.argsort()


class RecordedDraws:
    """In place of ``draw_partners``: what the official code drew, as (index in the pool, size of the pool)."""

    def __init__(self, draws: list[list[int]], locations: Locations) -> None:
        self.draws, self.locations = draws, locations

    def __call__(self, source: Positives, target: Positives, generator: Generator) -> tuple[Tensor, Tensor]:
        rows, partners = [], []
        for row in official_order(source, self.locations).tolist():
            same = (target.images == source.images[row]) & (target.objects == source.objects[row])
            pool = torch.nonzero(same)[:, 0]
            if len(pool):
                index, size = self.draws.pop(0)
                assert size == len(pool)
                rows.append(row)
                partners.append(int(pool[index]))
        drawn = draw_partners(source, target, generator)
        assert drawn[0].tolist() == sorted(rows)
        return torch.tensor(rows), torch.tensor(partners)


@dataclass
class Step:
    npz: Npz
    meta: dict[str, Any]
    task: CrossVisTask
    batch: dict[str, Tensor]
    losses: dict[str, Tensor]


@pytest.fixture(scope="module")
def step() -> Step:
    """One training step of the official pairs, up to the gradients."""
    torch.set_num_threads(1)
    npz, meta = load_fixture("crossvis_r50", "crossvis")
    network, official = paper_network(), official_state()
    task = CrossVisTask(network, len(official["cls.bias"])).train()
    task.classifier.load_state_dict({name: official[f"cls.{name}"] for name in ("weight", "bias")})
    batch = official_batch(npz)
    maps = [torch.zeros(1, 1, *size) for size in ((16, 20), (8, 10), (4, 5), (2, 3), (1, 2))]
    draws = RecordedDraws(npz["train_crossover_draws"].tolist(), locations_of(maps, 8))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("baselines.crossvis.losses.draw_partners", draws)
        losses = task(batch, "train")
    assert draws.draws == []
    losses["loss"].backward()
    return Step(npz, meta, task, batch, losses)


@pytest.mark.parametrize("name", LOSSES)
def test_losses(step: Step, name: str) -> None:
    """Within 1e-5 of the value; the noise of the reference itself is 6e-5 at a value of 1000."""
    official = dict(zip(step.npz["train_loss_names"].tolist(), step.npz["train_loss_values"].tolist(), strict=True))
    assert step.losses[name].item() == pytest.approx(official[LOSSES[name]], rel=1e-5)


def test_the_total_is_the_sum(step: Step) -> None:
    assert step.losses["loss"].item() == pytest.approx(step.npz["train_loss_values"].sum(), rel=1e-6)


def test_gradients(step: Step) -> None:
    """Norms of every parameter's gradient, and which have none: a tenth reaches backbone and pyramid.

    In single precision the kernels of two processors differ by up to 5e-4 here, through the statistics of batches.
    """
    pairs = zip(step.npz["train_grad_names"].tolist(), torch.from_numpy(step.npz["train_grad_norms"]), strict=True)
    norms, frozen = dict(pairs), {name: torch.zeros(()) for name in step.npz["train_no_grad_names"].tolist()}
    expected = {f"network.{name}": norm.item() for name, norm in convert(norms)[0].items()}
    expected |= {f"classifier.{name}": norms[f"cls.{name}"].item() for name in ("weight", "bias")}
    found = {name: parameter.grad for name, parameter in step.task.named_parameters()}
    assert {name for name, gradient in found.items() if gradient is None} == {
        f"network.{n}" for n in convert(frozen)[0]
    }
    measured = {name: float(gradient.norm()) for name, gradient in found.items() if gradient is not None}
    assert measured == pytest.approx(expected, rel=2e-3, abs=1e-6)


def test_running_statistics(step: Step) -> None:
    state = step.task.network.state_dict()
    for official, own in {"mask_branch.refine.0.1.running_mean": "", "reid_pred_bn.running_var": "head."}.items():
        assert_parity(f"train_after_{official}", state[own + official], step.npz, step.meta)


@pytest.mark.parametrize("frame", [0, 1])
@torch.no_grad()
def test_positives(step: Step, frame: int) -> None:
    judged = step.task._judged(step.batch, frame)
    locations = judged.outputs.locations
    positives = judged.positives.select(official_order(judged.positives, locations))
    sides = distances(locations.points[positives.locations], positives.of(judged.objects.boxes))
    sides = sides / locations.strides[positives.locations, None]
    ids = [step.npz[f"train_gt_pair{pair}_frame{frame}_ids"] for pair in (0, 1)]
    found = {
        "im_inds": positives.images,
        "fpn_levels": locations.levels[positives.locations],
        "locations": locations.points[positives.locations],
        "labels": positives.of(judged.objects.labels),
        "reg_targets": sides,
        "gt_ctrs": centerness(sides),
        "reid_feats": positives.at(judged.outputs.predictions.embeddings),
    }
    official_ids = np.concatenate(ids)[step.npz[f"train_pos{frame}_gt_inds"]]
    assert positives.of(judged.objects.ids).tolist() == official_ids.tolist()
    for name, values in found.items():
        if name in ("gt_ctrs", "reg_targets", "locations"):
            np.testing.assert_allclose(values, step.npz[f"train_pos{frame}_{name}"], rtol=1e-6)
        else:
            assert_parity(f"train_pos{frame}_{name}", values, step.npz, step.meta)


def test_identity_loss_alone() -> None:
    npz, _ = load_fixture("crossvis_losses", "crossvis")
    classifier = nn.Linear(256, 60)
    classifier.load_state_dict({n: torch.from_numpy(npz[f"reid_cls_{n}"]) for n in ("weight", "bias")})
    loss = identity_loss(classifier, torch.from_numpy(npz["reid_feats"]), torch.from_numpy(npz["reid_ids"]))
    assert loss.item() == pytest.approx(float(npz["reid_loss_f64"]), rel=1e-5)


def test_the_same_batch_gives_the_same_losses(step: Step) -> None:
    with torch.no_grad():
        first, second = step.task(step.batch, "train"), step.task(step.batch, "train")
    assert {name: value.item() for name, value in first.items()} == {n: v.item() for n, v in second.items()}


def test_frames_without_objects_have_finite_losses(step: Step) -> None:
    """Nothing to find in either frame: the class loss alone is left."""
    batch = {**step.batch, "visible": torch.zeros_like(step.batch["visible"])}
    with torch.no_grad():
        losses = step.task(batch, "train")
    assert {name for name, value in losses.items() if value.item() != 0} == {"class", "loss"}
    assert losses["class"].isfinite()


def test_partners_are_the_same_object_and_all_get_their_turn() -> None:
    source = Positives(torch.tensor([0, 0, 1]), torch.tensor([3, 4, 5]), torch.tensor([1, 2, 1]))
    target = Positives(torch.tensor([0, 0, 0, 1]), torch.tensor([7, 8, 9, 6]), torch.tensor([1, 1, 0, 0]))
    drawn = set()
    for seed in range(20):
        rows, partners = draw_partners(source, target, Generator().manual_seed(seed))
        assert rows.tolist() == [0]
        drawn.add(int(partners[0]))
    assert drawn == {0, 1}


def test_no_partner_where_the_other_frame_has_no_positives() -> None:
    nobody = torch.zeros(0, dtype=torch.int64)
    source = Positives(torch.tensor([0]), torch.tensor([3]), torch.tensor([1]))
    rows, partners = draw_partners(source, Positives(nobody, nobody, nobody), Generator())
    assert rows.tolist() == partners.tolist() == []
