"""The loop on a network small enough to see through."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from instmove.code_digest import code_digest
from instmove.errors import InstMoveError
from instmove.files import read_json
from instmove.training.distributed import Worker
from instmove.training.loop import finish, train
from instmove.training.settings import TrainSettings

ALONE = Worker(0, 1, torch.device("cpu"))


class Line:
    """Points on y = 3x, a pure function of where they stand."""

    def __init__(self, slope: float = 3.0, stop_at: int = -1) -> None:
        self.slope, self.stop_at = slope, stop_at

    def sample(self, iteration: int, index: int) -> dict[str, Tensor]:
        if iteration == self.stop_at:
            raise KeyboardInterrupt
        x = torch.rand(1, generator=torch.Generator().manual_seed(1000 * iteration + index))
        return {"x": x, "y": self.slope * x}


class Fit(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer = nn.Linear(1, 1)

    def forward(self, batch: dict[str, Tensor], phase: str) -> dict[str, Tensor]:
        return {"loss": (self.layer(batch["x"]) - batch["y"]).square().mean()}


def settings(**changes: object) -> TrainSettings:
    return TrainSettings(**{"iterations": 60, "batch_size": 4, "lr": 0.1, "seed": 0, "checkpoint_every": 7} | changes)


def fit(folder: Path, source: Line, wanted: TrainSettings, identity: str = "line") -> Fit:
    module = Fit()
    train(module, ("fit",), source, wanted, folder, ALONE, identity, lambda m: {"slope": m.layer.weight.item()})
    return module


@pytest.mark.parametrize("schedule", ["constant", "cosine", "onecycle"])
def test_learns_and_logs(tmp_path: Path, schedule: str) -> None:
    module = fit(tmp_path, Line(), settings(iterations=300, schedule=schedule, validate_every=100))
    assert module.layer.weight.item() == pytest.approx(3, abs=0.1)
    rows = list(csv.DictReader((tmp_path / "log.csv").open()))
    assert [row["iteration"] for row in rows if row["validation_slope"]] == ["100", "200", "300"]
    assert float(rows[-1]["fit_loss"]) < float(rows[0]["fit_loss"])


def test_the_log_has_a_row_whenever_one_is_due_and_one_for_the_last_iteration(tmp_path: Path) -> None:
    fit(tmp_path, Line(), settings(iterations=17, log_every=5, validate_every=6))
    rows = list(csv.DictReader((tmp_path / "log.csv").open()))
    assert [row["iteration"] for row in rows] == ["5", "6", "10", "12", "15", "17"]
    assert [row["iteration"] for row in rows if row["validation_slope"]] == ["6", "12", "17"]


def test_killed_run_resumes_to_the_same_weights(tmp_path: Path) -> None:
    whole = fit(tmp_path / "whole", Line(), settings())
    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path / "killed", Line(stop_at=40), settings())
    resumed = fit(tmp_path / "killed", Line(), settings())
    assert torch.equal(whole.layer.weight, resumed.layer.weight)
    assert (tmp_path / "whole/log.csv").read_bytes() == (tmp_path / "killed/log.csv").read_bytes()
    finish(tmp_path / "killed", "train-motion")
    record = read_json(tmp_path / "killed/training.run.json")
    assert record["code"] == code_digest("train-motion") and record["seconds"] > 0
    assert not (tmp_path / "killed/checkpoint.pt").exists()


def test_killed_after_its_last_iteration_it_writes_its_log_again(tmp_path: Path) -> None:
    """Snakemake removes what a killed job declares as its outputs; the checkpoint is none of them."""
    whole = fit(tmp_path, Line(), settings())
    log = (tmp_path / "log.csv").read_bytes()
    (tmp_path / "log.csv").unlink()
    assert torch.equal(fit(tmp_path, Line(), settings()).layer.weight, whole.layer.weight)
    assert (tmp_path / "log.csv").read_bytes() == log


@pytest.mark.parametrize("cut", [0, 0.5])
def test_a_broken_checkpoint_is_no_start(cut: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One bit of a weight, which torch would load, or half of the file."""
    whole = fit(tmp_path, Line(), settings())
    path = tmp_path / "checkpoint.pt"
    data = bytearray(path.read_bytes())
    data[data.index(whole.layer.weight.detach().numpy().tobytes())] ^= 1
    path.write_bytes(data[: int(cut * len(data))] if cut else data)
    assert torch.equal(fit(tmp_path, Line(), settings()).layer.weight, whole.layer.weight)
    assert "checkpoint.pt: broken, training starts anew" in capsys.readouterr().out


def test_survives_kill_nine(tmp_path: Path) -> None:
    """A process that is killed in the middle, for real, and one that goes on from what it left."""
    program = f"""
import os, signal, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from test_loop import Line, fit, settings
class Killed(Line):
    def sample(self, iteration, index):
        if iteration == 33: os.kill(os.getpid(), signal.SIGKILL)
        return super().sample(iteration, index)
fit(Path({str(tmp_path / "killed")!r}), Killed(), settings())
"""
    assert subprocess.run([sys.executable, "-c", program], check=False, capture_output=True).returncode == -9
    resumed = fit(tmp_path / "killed", Line(), settings())
    assert torch.equal(fit(tmp_path / "whole", Line(), settings()).layer.weight, resumed.layer.weight)


def test_other_data_or_settings_start_anew(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path, Line(stop_at=40), settings())
    other = fit(tmp_path, Line(slope=-2), settings(), identity="another line")
    assert torch.equal(other.layer.weight, fit(tmp_path / "fresh", Line(slope=-2), settings()).layer.weight)


def test_a_loss_that_is_not_finite_stops_and_keeps_the_checkpoint(tmp_path: Path) -> None:
    class Broken(Line):
        def sample(self, iteration: int, index: int) -> dict[str, Tensor]:
            sample = super().sample(iteration, index)
            return sample if iteration < 20 else {**sample, "y": sample["y"] * float("nan")}

    with pytest.raises(InstMoveError, match=r"iteration 21: fit_loss is not finite; .*checkpoint\.pt"):
        fit(tmp_path, Broken(), settings())
    state = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert state["iteration"] == 14
    assert torch.isfinite(state["module"]["layer.weight"]).all()


@pytest.mark.parametrize("spoilt", [13, 59], ids=["where a checkpoint is due", "in the last iteration"])
def test_a_weight_that_is_not_finite_though_the_loss_is_stops_too(tmp_path: Path, spoilt: int) -> None:
    class Spoilt(Fit):
        def forward(self, batch: dict[str, Tensor], phase: str) -> dict[str, Tensor]:
            nothing = (0 * self.layer.weight).sqrt().sum() if batch["spoilt"].any() else 0.0
            return {"loss": super().forward(batch, phase)["loss"] + nothing}

    class Source(Line):
        def sample(self, iteration: int, index: int) -> dict[str, Tensor]:
            return super().sample(iteration, index) | {"spoilt": torch.tensor(iteration == spoilt)}

    with pytest.raises(InstMoveError, match=rf"iteration {spoilt + 1}: layer.weight is not finite; .*checkpoint\.pt"):
        train(Spoilt(), ("fit",), Source(), settings(), tmp_path, ALONE, "line", None)
    state = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert state["iteration"] == spoilt // 7 * 7
    assert torch.isfinite(state["module"]["layer.weight"]).all()


def test_constant_is_the_rate_itself() -> None:
    assert {settings(lr=0.4).lr_at(iteration) for iteration in range(60)} == {0.4}


def test_cosine_is_torchs_own_but_for_a_rise_over_the_first_twentieth() -> None:
    wanted = settings(iterations=100, lr=0.4, schedule="cosine")
    optimizer = torch.optim.AdamW([nn.Parameter(torch.zeros(1))], lr=0.4)
    official = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=100)
    for iteration in range(100):
        rise = [0.2, 0.4, 0.6, 0.8][iteration] if iteration < 4 else 1
        assert wanted.lr_at(iteration) == pytest.approx(rise * official.get_last_lr()[0], rel=1e-9)
        optimizer.step()
        official.step()
    assert settings(iterations=3, schedule="cosine").lr_at(0) == 0.1, "too short for a rise"


def test_onecycle_is_torchs_own() -> None:
    wanted = settings(iterations=500, lr=4e-4, schedule="onecycle")
    optimizer = torch.optim.AdamW([nn.Parameter(torch.zeros(1))], lr=1)
    official = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 4e-4, wanted.iterations + 100, pct_start=0.05, cycle_momentum=False, anneal_strategy="linear"
    )
    for iteration in range(wanted.iterations):
        assert wanted.lr_at(iteration) == pytest.approx(official.get_last_lr()[0], rel=1e-9)
        optimizer.step()
        official.step()


def test_steps_is_linear_up_then_a_tenth_at_every_milestone() -> None:
    wanted = settings(lr=0.4, schedule="steps", warmup=10, warmup_factor=0.5, milestones=[30, 50])
    rates = [wanted.lr_at(iteration) for iteration in (0, 5, 9, 10, 29, 30, 49, 50)]
    assert rates == pytest.approx([0.2, 0.3, 0.38, 0.4, 0.4, 0.04, 0.04, 0.004])
    assert settings(lr=0.4, schedule="steps").lr_at(0) == 0.4


def test_a_source_makes_its_own_batches_where_shapes_differ(tmp_path: Path) -> None:
    class Ragged(Line):
        def sample(self, iteration: int, index: int) -> dict[str, Tensor]:
            sample = super().sample(iteration, index)
            return {key: value.repeat(1 + index) for key, value in sample.items()}

        def collate(self, samples: list[dict[str, Tensor]]) -> dict[str, Tensor]:
            return {key: torch.cat([sample[key] for sample in samples])[:, None] for key in samples[0]}

    assert fit(tmp_path, Ragged(), settings(iterations=200)).layer.weight.item() == pytest.approx(3, abs=0.2)


def test_a_batch_in_parts_trains_as_a_whole_one(tmp_path: Path) -> None:
    whole, parts = (fit(tmp_path / str(parts), Line(), settings(parts=parts)) for parts in (1, 2))
    assert torch.allclose(whole.layer.weight, parts.layer.weight, atol=1e-6)
    logs = [list(csv.DictReader((tmp_path / name / "log.csv").open())) for name in ("1", "2")]
    for one, other in zip(*logs, strict=True):
        assert float(one["fit_loss"]) == pytest.approx(float(other["fit_loss"]), rel=1e-3, abs=1e-9)


def test_every_sample_is_in_one_part_and_every_phase_sees_them_all(tmp_path: Path) -> None:
    seen: list[tuple[str, list[float]]] = []

    class Watching(Fit):
        def forward(self, batch: dict[str, Tensor], phase: str) -> dict[str, Tensor]:
            seen.append((phase, batch["x"].flatten().tolist()))
            return super().forward(batch, phase)

    train(Watching(), ("a", "b"), Line(), settings(iterations=1, batch_size=5, parts=3), tmp_path, ALONE, "line")
    x = [Line().sample(0, index)["x"].item() for index in range(5)]
    expected = [[x[0], x[3]], [x[1], x[4]], [x[2]]]
    assert seen == [("a", part) for part in expected] + [("b", part) for part in expected]


def test_a_part_without_a_sample_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InstMoveError, match="a batch of 4 has too few samples for 1 processes with 5 parts"):
        fit(tmp_path, Line(), settings(parts=5))


def test_two_processes_train_as_one(tmp_path: Path) -> None:
    """torchrun on two CPU processes: each takes two of the four parts of every batch, gradients are averaged."""
    script = tmp_path / "job.py"
    script.write_text(f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
import torch
from test_loop import Fit, Line, settings
from instmove.training.distributed import worker
from instmove.training.loop import train
module = Fit()
module.unused = torch.nn.Linear(1, 1)  # as each of InstMove's phases leaves some of its weights
with worker("cpu") as place:
    train(module, ("fit",), Line(), settings(parts=4), Path({str(tmp_path)!r}), place, "line")
    if place.leads: torch.save(module.state_dict(), {str(tmp_path / "weights.pt")!r})
""")
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2", str(script)]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    two = torch.load(tmp_path / "weights.pt", weights_only=True)
    one = fit(tmp_path / "one", Line(), settings())
    assert torch.allclose(two["layer.weight"], one.layer.weight, atol=1e-5)
