"""The one training loop: resumable to the same weights, logged, validated, on CPU or GPUs."""

import csv
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any, Protocol
from zipfile import ZipFile

import psutil
import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader
from tqdm import tqdm

from instmove.code_digest import code_digest
from instmove.errors import InstMoveError
from instmove.files import ZIP_DAMAGE, atomic_path, digest
from instmove.provenance import Stopwatch
from instmove.training.distributed import Worker
from instmove.training.optimizer import build_optimizer, set_rate
from instmove.training.settings import TrainSettings

Batch = dict[str, Tensor]
Losses = dict[str, Tensor]
Row = dict[str, float]


class Source(Protocol):
    """Training samples as a pure function of where they stand, so that resuming needs no generator state."""

    def sample(self, iteration: int, index: int) -> dict[str, Tensor]:
        """Sample number ``index`` of the batch of an iteration.

        Where shapes differ within a batch, the source has a method ``collate`` that makes a batch of samples.
        """


class _Batches(torch.utils.data.Dataset[Batch]):
    """A source as torch's data loader wants it: keys are (iteration, index)."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def __getitem__(self, key: tuple[int, int]) -> dict[str, Tensor]:
        return self.source.sample(*key)


def train(
    module: nn.Module,
    phases: Sequence[str],
    source: Source,
    settings: TrainSettings,
    folder: Path,
    worker: Worker,
    identity: str,
    validate: Callable[[nn.Module], Row] | None = None,
) -> None:
    """Train ``module`` in place and write ``folder/log.csv``.

    ``module(batch, phase)`` returns losses by name, ``loss`` being their total. Each phase is one optimiser step, all
    of an iteration on the same batch (InstMove has two phases, Sec. 3.3; everything else one).

    ``folder/checkpoint.pt`` is kept while training runs: a killed run that is started again with the same settings
    and ``identity`` (a digest of what else decides the weights: network, data) goes on from it to the same weights
    (on CPU, bit for bit); any other run, and one whose checkpoint is broken, starts anew. A loss or a weight that is
    not finite stops the run with an error and leaves the last good checkpoint. Call :func:`finish` once the weights
    are written.

    A batch in parts is one optimiser step on the mean of the parts' gradients, whether a process has one after the
    other or torchrun's processes share them. A loss that is a mean over what a batch shows is then one of each part.
    """
    module.to(worker.device)
    optimizer = build_optimizer(module, settings)
    scaler = torch.amp.GradScaler(worker.device.type, enabled=_needs_scaler(settings, worker))
    checkpoint = folder / "checkpoint.pt"
    identity = digest([identity, asdict(settings)])
    start, rows = _resume(checkpoint, module, optimizer, identity, worker.device)
    if start and worker.leads:
        print(f"goes on from iteration {start} of {settings.iterations}", flush=True)
        # The log was removed with the killed job; after the last iteration none would come.
        _write_log(folder / "log.csv", rows)
    parallel = DistributedDataParallel(module, find_unused_parameters=True) if worker.world > 1 else module
    progress = _shown(_iterations(source, settings, start, worker), start, settings, worker)
    module.train()
    for iteration, parts in enumerate(progress, start):
        set_rate(optimizer, settings.lr_at(iteration))
        row: Row = {"iteration": iteration + 1}
        for phase in phases:
            losses = _step(parallel, parts, phase, optimizer, scaler, settings, worker)
            row |= {f"{phase}_{name}": value for name, value in losses.items()}
        _stop_unless_finite(row.items(), iteration, checkpoint)
        if not worker.leads:
            continue
        validates = validate is not None and _due(iteration, settings.validate_every, settings)
        if validate is not None and validates:
            row |= _validation(module, validate)
        if validates or _due(iteration, settings.log_every, settings):
            rows.append(row)
            progress.set_postfix({name: f"{value:.3f}" for name, value in row.items() if name.endswith("_loss")})
        if _due(iteration, settings.checkpoint_every, settings):
            # A gradient can be none where its loss is finite, and the step that it spoils comes after the loss.
            _stop_unless_finite(_totals(module), iteration, checkpoint)
            _write_log(folder / "log.csv", rows)
            _save(checkpoint, iteration + 1, rows, module, optimizer, identity)
    module.eval()


def finish(folder: Path, verb: str) -> None:
    """Once the trained weights are safely written: how they came about, in ``training.run.json``, and no checkpoint."""
    Stopwatch(psutil.Process().create_time()).write(folder / "training.run.json", code=code_digest(verb))
    (folder / "checkpoint.pt").unlink(missing_ok=True)


def _step(
    module: nn.Module,
    parts: Sequence[Batch],
    phase: str,
    optimizer: torch.optim.Optimizer,
    scaler: torch.amp.GradScaler,
    settings: TrainSettings,
    worker: Worker,
) -> Row:
    """One optimiser step; the losses are means over the parts of this process."""
    optimizer.zero_grad(set_to_none=True)
    dtype = torch.bfloat16 if worker.device.type == "cpu" or torch.cuda.is_bf16_supported() else torch.float16
    mean: Row = {}
    for number, part in enumerate(parts, start=1):
        with _unshared(module) if number < len(parts) else nullcontext():
            with torch.autocast(worker.device.type, dtype=dtype) if settings.amp else nullcontext():
                losses: Losses = module(_on(part, worker.device), phase)
            scaler.scale(losses["loss"] / len(parts)).backward()
        mean = {name: mean.get(name, 0.0) + float(value.detach()) / len(parts) for name, value in losses.items()}
    if settings.clip is not None:
        scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_(module.parameters(), settings.clip)
    scaler.step(optimizer)
    scaler.update()
    return mean


def _unshared(module: nn.Module) -> AbstractContextManager[None]:
    """Processes share their gradients once an iteration, after the last part."""
    return module.no_sync() if isinstance(module, DistributedDataParallel) else nullcontext()


def _on(batch: Batch, device: torch.device) -> Batch:
    return {key: value.to(device, non_blocking=True) for key, value in batch.items()}


def _needs_scaler(settings: TrainSettings, worker: Worker) -> bool:
    return settings.amp and worker.device.type == "cuda" and not torch.cuda.is_bf16_supported()


def _iterations(source: Source, settings: TrainSettings, start: int, worker: Worker) -> Iterator[list[Batch]]:
    """For each iteration the parts of its batch that this process has, one after the other.

    Raises InstMoveError if a part would have no sample.
    """
    own = -(-settings.parts // worker.world)
    count = own * worker.world
    if count > settings.batch_size:
        raise InstMoveError(
            f"a batch of {settings.batch_size} has too few samples for {worker.world} processes with {own} parts each; "
            "start fewer processes, or lower training.parts"
        )

    def keys() -> Iterator[list[tuple[int, int]]]:
        for iteration in range(start, settings.iterations):
            for part in range(worker.rank, count, worker.world):
                yield [(iteration, index) for index in range(part, settings.batch_size, count)]

    batches = iter(_loader(source, settings, keys(), worker))
    while parts := list(islice(batches, own)):
        yield parts


def _shown(iterations: Iterator[list[Batch]], start: int, settings: TrainSettings, worker: Worker) -> tqdm:
    """With a progress bar, of the leading process alone."""
    return tqdm(iterations, initial=start, total=settings.iterations, disable=None if worker.leads else True)


def _loader(
    source: Source, settings: TrainSettings, keys: Iterator[list[tuple[int, int]]], worker: Worker
) -> DataLoader[Batch]:
    return DataLoader(
        _Batches(source),
        batch_sampler=keys,
        collate_fn=getattr(source, "collate", None),
        num_workers=settings.workers,
        pin_memory=worker.device.type == "cuda",
    )


def _due(iteration: int, every: int, settings: TrainSettings) -> bool:
    last = iteration + 1 == settings.iterations
    return last or (every > 0 and (iteration + 1) % every == 0)


def _validation(module: nn.Module, validate: Callable[[nn.Module], Row]) -> Row:
    module.eval()
    with torch.inference_mode():
        row = {f"validation_{name}": value for name, value in validate(module).items()}
    module.train()
    return row


def _stop_unless_finite(values: Iterable[tuple[str, float]], iteration: int, checkpoint: Path) -> None:
    bad = [name for name, value in values if not math.isfinite(value)]
    if bad:
        kept = f"the last good state is kept in {checkpoint}" if checkpoint.exists() else "no checkpoint was made yet"
        raise InstMoveError(f"iteration {iteration + 1}: {bad[0]} is not finite; lower the learning rate; {kept}")


def _totals(module: nn.Module) -> Iterator[tuple[str, float]]:
    """A number for each tensor of a network that is finite if all of its own are."""
    for name, tensor in module.state_dict().items():
        yield name, float(tensor.double().abs().sum())


def _save(
    path: Path, iteration: int, rows: list[Row], module: nn.Module, optimizer: torch.optim.Optimizer, identity: str
) -> None:
    state: dict[str, Any] = {
        "iteration": iteration,
        "rows": rows,
        "module": module.state_dict(),
        "optimizer": optimizer.state_dict(),
        "identity": identity,
    }
    with atomic_path(path) as temporary:
        torch.save(state, temporary)


def _resume(
    path: Path, module: nn.Module, optimizer: torch.optim.Optimizer, identity: str, device: torch.device
) -> tuple[int, list[Row]]:
    if not path.exists():
        return 0, []
    if not _is_whole(path):
        print(f"{path}: broken, training starts anew")
        return 0, []
    state = torch.load(path, map_location=device, weights_only=True)
    if state["identity"] != identity:
        return 0, []
    module.load_state_dict(state["module"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["iteration"]), list(state["rows"])


def _is_whole(path: Path) -> bool:
    """Whether every byte is as it was written: torch itself reads wrong ones without a word."""
    try:
        with ZipFile(path) as archive:
            return archive.testzip() is None
    except ZIP_DAMAGE:
        return False


def _write_log(path: Path, rows: list[Row]) -> None:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with atomic_path(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
