"""The sequence loss by hand, frozen normalisation, and a network that learns."""

import numpy as np
import pytest
import torch

from instmove.flow.raft import Raft, RaftSettings
from instmove.flow.task import FlowTask, flow_errors, sequence_loss

TINY = RaftSettings("large", width=0.06, levels=2)


def test_sequence_loss_by_hand() -> None:
    """Two iterations, errors 3 and 1 per component on half of the pixels: gamma * 3 / 2 + 1 / 2."""
    truth = torch.zeros(1, 2, 2, 2)
    known = torch.tensor([[[True, False], [True, False]]])
    flows = [torch.full_like(truth, 3.0), torch.full_like(truth, -1.0)]
    assert float(sequence_loss(flows, truth, known, 0.8)) == pytest.approx(0.8 * 1.5 + 0.5)


def test_errors_by_hand() -> None:
    flow = torch.tensor([3.0, 0.0, 0.3]).view(1, 1, 1, 3) * torch.tensor([1.0, 4 / 3]).view(1, 2, 1, 1)
    known = torch.tensor([[[True, True, False]]])
    found = flow_errors(flow, torch.zeros(1, 2, 1, 3), known)
    assert {name: float(value) for name, value in found.items()} == pytest.approx({"epe": 2.5, "1px": 0.5})


def batch(seed: int) -> dict[str, torch.Tensor]:
    """Noise images shifted by one vector each."""
    rng = np.random.default_rng(seed)
    images = torch.from_numpy(rng.integers(0, 256, (2, 3, 32, 40))).float()
    shifts = [(2, -1), (-1, 3)]
    moved = torch.stack([image.roll((y, x), (1, 2)) for image, (x, y) in zip(images, shifts, strict=True)])
    flow = torch.tensor(shifts).float().view(2, 2, 1, 1).expand(2, 2, 32, 40)
    return {"image1": images, "image2": moved, "flow": flow, "valid": torch.ones(2, 32, 40)}


def test_unknown_and_absurd_flow_does_not_count() -> None:
    torch.manual_seed(0)
    task, data = FlowTask(Raft(TINY), 2, 0.8, True).eval(), batch(0)
    data["valid"][:, :16] = 0
    wanted = task(data, "flow")
    data["flow"] = data["flow"].clone()
    data["flow"][:, :, :16] = 7
    assert all(torch.equal(value, wanted[name]) for name, value in task(data, "flow").items())
    data["valid"][:], data["flow"][:, :, :16] = 1, 500
    assert torch.equal(task(data, "flow")["loss"], wanted["loss"])


@pytest.mark.parametrize("frozen", [True, False])
def test_frozen_normalisation_keeps_its_statistics(frozen: bool) -> None:
    task = FlowTask(Raft(TINY), 1, 0.8, frozen)
    task.eval()
    task.train()
    before = task.state_dict()["raft.cnet.norm1.running_mean"].clone()
    task(batch(0), "flow")
    assert torch.equal(task.state_dict()["raft.cnet.norm1.running_mean"], before) is frozen


def test_it_learns_a_batch_by_heart() -> None:
    torch.manual_seed(0)
    task = FlowTask(Raft(TINY), 3, 0.8, False).train()
    optimizer = torch.optim.AdamW(task.parameters(), lr=4e-3)
    errors = []
    for _ in range(20):
        found = task(batch(0), "flow")
        optimizer.zero_grad()
        found["loss"].backward()
        optimizer.step()
        errors.append(float(found["epe"]))
    assert errors[-1] < 0.7 * errors[0]
