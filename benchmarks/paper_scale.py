"""``python -m benchmarks.paper_scale``: what networks of paper size cost on this machine's GPU.

Frames a second of inference, samples a second of training, memory, and how far autocast is from single precision.
Inputs are noise of the benchmarks' sizes: the times of networks do not depend on what they see.
"""

import csv
import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from baselines.registry import host_named
from baselines.stcn.losses import Bootstrap
from baselines.stcn.memory import affinity, similarity
from baselines.stcn.network import Stcn, StcnSettings
from baselines.stcn.task import StcnTask
from instmove.config import Setup, host_settings, load_setup
from instmove.files import write_text
from instmove.flow.raft import Raft, RaftSettings
from instmove.flow.task import FlowTask
from instmove.network.build import build_network
from instmove.training.motion_task import MotionTask

OUTPUT = Path("results/paper_scale.csv")
HEADER = ("network", "work", "precision", "samples_per_second", "peak_memory_gb", "difference")
REPEAT = 5
OBJECTS = 8
"""Annotated objects of a frame, and instances of InstMove."""
MEMORY = 20
"""Frames that STCN remembers: a video of 100."""
SIZES = {"minvis": (384, 640), "idol": (736, 1280), "crossvis": (384, 640), "pcan": (736, 1280), "unicorn": (800, 1280)}
"""Test inputs of the hosts, padded, for frames of 720 x 1280."""
TRAINED = {"minvis": (4, (480, 864)), "idol": (2, (608, 1088)), "crossvis": (2, (384, 640))}
"""Samples a GPU, where the authors use eight, and the size of a sample's frames."""


@dataclass(frozen=True)
class Work:
    """Something to measure: ``count`` samples at once; ``run`` gives a tensor that precisions are compared by."""

    network: str
    name: str
    count: int
    run: Callable[[], Tensor]


def main() -> None:
    """Measure network after network; a network that does not fit into memory says so."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    print(torch.cuda.get_device_name() if device.type == "cuda" else "no GPU")
    rows: list[tuple[str, ...]] = []
    for make in makers(load_setup("paper"), device):
        torch.manual_seed(0)
        for work in make():
            rows += measured(work, device)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(HEADER)
    table.writerows(rows)
    write_text(OUTPUT, text.getvalue())


def makers(setup: Setup, device: torch.device) -> Iterator[Callable[[], list[Work]]]:
    """One function a network, so that a single one is in memory."""
    for variant in ("released", "paper"):
        yield partial(_instmove, variant, setup["motion"]["canvas"], setup["motion"]["training"]["batch_size"], device)
    yield partial(_raft, setup["flow"], device)
    for host in SIZES:
        yield partial(_host, setup, host, device)
    yield partial(_stcn, setup["vos"]["train"], device)


def measured(work: Work, device: torch.device) -> Iterator[tuple[str, ...]]:
    """Rows of single precision and of autocast, the latter with the largest relative difference of its outputs."""
    reference: Tensor | None = None
    for precision in ("float32", "bfloat16"):
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision == "bfloat16"):
            try:
                rate, memory, found = _timed(work, device)
            except torch.cuda.OutOfMemoryError:
                yield work.network, work.name, precision, "", "", "out of memory"
                continue
        difference = "" if reference is None else f"{float((found - reference).norm() / reference.norm()):.2g}"
        reference = found
        row = (work.network, work.name, precision, f"{rate:.3g}", f"{memory:.2f}", difference)
        print(*row, sep="\t", flush=True)
        yield row


def _timed(work: Work, device: torch.device) -> tuple[float, float, Tensor]:
    """Samples a second, gigabytes at the peak, and what came out the first time."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
    torch.manual_seed(1)
    found = work.run().detach().float().cpu()
    work.run()
    _wait(device)
    started = time.perf_counter()
    for _ in range(REPEAT):
        work.run()
    _wait(device)
    memory = torch.cuda.max_memory_allocated() / 1e9 if device.type == "cuda" else 0.0
    return REPEAT * work.count / (time.perf_counter() - started), memory, found


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def _inference(network: nn.Module, run: Callable[[], Tensor]) -> Callable[[], Tensor]:
    def infer() -> Tensor:
        network.eval()
        with torch.inference_mode():
            return run().clone()

    return infer


def _step(task: nn.Module, batch: dict[str, Tensor], phases: tuple[str, ...]) -> Callable[[], Tensor]:
    """Forward and backward of every phase, without the optimiser; gives the last loss."""

    def step() -> Tensor:
        task.train()
        for phase in phases:
            task.zero_grad(set_to_none=True)
            loss: Tensor = task(batch, phase)["loss"]
            loss.backward()
        return loss

    return step


def _instmove(variant: Any, side: int, batch_size: int, device: torch.device) -> list[Work]:
    network = build_network(variant, "full", width=1.0).to(device)
    past = (torch.rand(batch_size, 4, side, side, device=device) > 0.5).float()
    image = torch.randn(batch_size, 3, side, side, device=device)
    batch = {"past": past, "target": past[:, 0], "image": image}

    def predict() -> Tensor:
        found: Tensor = network(past[:OBJECTS], network.encode_image(image[:1]))
        return found

    name = f"InstMove {variant}"
    return [
        Work(name, f"a frame with {OBJECTS} objects", 1, _inference(network, predict)),
        Work(
            name, f"training, batch {batch_size}", batch_size, _step(MotionTask(network), batch, ("observe", "recall"))
        ),
    ]


def _raft(flow: dict[str, Any], device: torch.device) -> list[Work]:
    raft = Raft(RaftSettings(flow["variant"], flow["width"], flow["levels"])).to(device)
    count, (height, width) = flow["training"]["batch_size"], flow["crop"]
    first, second = torch.rand(2, 1, 3, 384, 384, device=device) * 255
    pairs = torch.rand(2, count, 3, height, width, device=device) * 255
    known = torch.rand(count, 2, height, width, device=device)
    batch = {"image1": pairs[0], "image2": pairs[1], "flow": known, "valid": torch.ones_like(known[:, 0])}
    task = FlowTask(raft, 12, 0.85, frozen_norm=True)
    return [
        Work(
            "RAFT",
            "a pair of frames, 384 x 384",
            1,
            _inference(raft, lambda: raft.estimate(first, second, flow["iterations"])),
        ),
        Work("RAFT", f"training, batch {count}", count, _step(task, batch, ("flow",))),
    ]


def _host(setup: Setup, name: str, device: torch.device) -> list[Work]:
    settings, host = host_settings(setup, name, next(iter(setup["hosts"][name]["checkpoints"]))), host_named(name)
    network = host.build(settings, 25).to(device)
    height, width = SIZES[name]
    window = settings["window"]
    images = torch.randn(window, 3, height, width, device=device)
    works = [
        Work(
            name,
            f"frames {height} x {width}, {window} at once",
            window,
            _inference(network, _forward(name, network, images)),
        )
    ]
    if name in TRAINED:
        count, size = TRAINED[name]
        batch = _batch(count, settings["data"]["frames"], *size, device)
        task = host.task(network, settings, 1000).to(device)
        works.append(
            Work(name, f"training, batch {count} of {size[0]} x {size[1]}", count, _step(task, batch, ("train",)))
        )
    return works


def _forward(name: str, network: Any, images: Tensor) -> Callable[[], Tensor]:
    """The part of a host that does not depend on what is found."""
    sizes = torch.tensor(images.shape[-2:], device=images.device).expand(len(images), 2)
    calls: dict[str, Callable[[], Tensor]] = {
        "minvis": lambda: network(images).predictions[-1].masks,
        "idol": lambda: network(images, sizes).predictions[-1].logits,
        "crossvis": lambda: network(images).predictions.logits,
        "pcan": lambda: network.pyramid(images)[0],
        "unicorn": lambda: network(network.maps(images)).predictions.logits,
    }
    return calls[name]


def _batch(count: int, frames: int, height: int, width: int, device: torch.device) -> dict[str, Tensor]:
    """What ``HostSource`` makes, with objects that are boxes."""
    corners = torch.rand(count, 1, OBJECTS, 2) * 0.7
    boxes = torch.cat((corners, corners + 0.25), dim=-1) * torch.tensor([width, height, width, height])
    boxes = boxes.round().expand(-1, frames, -1, -1)
    rows, columns = torch.arange(height)[:, None], torch.arange(width)
    x1, y1, x2, y2 = boxes[..., None, None].unbind(3)
    batch = {
        "images": torch.rand(count, frames, 3, height, width) * 255,
        "sizes": torch.tensor([height, width]).expand(count, frames, 2),
        "masks": (rows >= y1) & (rows < y2) & (columns >= x1) & (columns < x2),
        "boxes": boxes,
        "visible": torch.ones(count, frames, OBJECTS, dtype=torch.bool),
        "labels": torch.randint(0, 25, (count, OBJECTS)),
        "ids": 1 + torch.arange(count * OBJECTS).view(count, OBJECTS),
        "iteration": torch.zeros(count, dtype=torch.int64),
    }
    return {key: value.to(device) for key, value in batch.items()}


def _stcn(train: dict[str, Any], device: torch.device) -> list[Work]:
    sizes = StcnSettings(**{**train["network"], "motion": "none"})
    network = Stcn(sizes).to(device)
    count, side = train["training"]["batch_size"] // 2, train["windows"]["side"]
    batch = {
        "images": torch.randint(0, 256, (count, 3, 3, side, side), device=device),
        "labels": torch.randint(0, 3, (count, 3, side // 32, side // 32), device=device)
        .repeat_interleave(32, 2)
        .repeat_interleave(32, 3),
        "present": torch.ones(count, 2, dtype=torch.bool, device=device),
        "iteration": torch.zeros(count, dtype=torch.int64),
    }
    task = StcnTask(network, Bootstrap(**train["bootstrap"]))
    image = torch.randn(1, 3, 480, 864, device=device)
    return [
        Work(
            "STCN",
            f"a frame with 2 objects, {MEMORY} remembered",
            1,
            _inference(network, partial(_segment, network, image)),
        ),
        Work("STCN", f"training, batch {count}", count, _step(task, batch, ("train",))),
    ]


def _segment(network: Stcn, image: Tensor) -> Tensor:
    """A frame that is remembered, too."""
    frame = network.encode_key(image)
    keys = frame.key.flatten(2).repeat(1, 1, MEMORY)
    weights = affinity(similarity(keys, frame.key.flatten(2)), 20)
    masks = torch.rand(2, 1, *image.shape[-2:], device=image.device)
    values = network.encode_value(image, frame, masks)
    read = (values.flatten(2).repeat(1, 1, MEMORY) @ weights).unflatten(2, tuple(frame.key.shape[2:]))
    return network.segment(read, frame)


if __name__ == "__main__":
    main()
