"""Where a training process runs: its device, and its place among the processes that torchrun started."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Worker:
    """One training process: rank 0 of 1 unless torchrun says otherwise."""

    rank: int
    world: int
    device: torch.device

    @property
    def leads(self) -> bool:
        """Whether this process writes files and shows the progress bar."""
        return self.rank == 0


def pick_device(name: str) -> torch.device:
    """``auto`` is the GPU of this process where there is one; other names are torch's own."""
    if name == "auto":
        name = f"cuda:{os.environ.get('LOCAL_RANK', '0')}" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


@contextmanager
def worker(device_name: str) -> Iterator[Worker]:
    """Join torchrun's process group for the length of the block, or stand alone where there is none."""
    device = pick_device(device_name)
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world == 1:
        yield Worker(0, 1, device)
        return
    if device.type == "cuda":
        torch.cuda.set_device(device)
    torch.distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Worker(torch.distributed.get_rank(), world, device)
    finally:
        torch.distributed.destroy_process_group()
