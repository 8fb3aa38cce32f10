"""What every verb that computes does first: threads and determinism; and the data that it opens."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import torch

from instmove.config import Setup, data_root
from instmove.datasets.catalog import open_dataset
from instmove.datasets.split_reader import apply_split
from instmove.datasets.splits import Split, load_split
from instmove.training.distributed import pick_device
from instmove.training.settings import TrainSettings
from instmove.video import Dataset


def prepare(setup: Setup) -> torch.device:
    """Fix the number of threads (results would depend on the machine's own), pick the device.

    Determinism is promised on CPU; on a GPU it would cost much of its speed. The debug mode sets no more than
    ``torch.use_deterministic_algorithms`` does but for the compiler, whose import takes seconds.
    """
    device = pick_device(setup["device"])
    torch.set_num_threads(setup["threads"])
    torch.set_deterministic_debug_mode("warn" if device.type == "cpu" else "default")
    torch.backends.cudnn.benchmark = device.type == "cuda"
    cv2.setNumThreads(setup["threads"])
    return device


def open_split(setup: Setup, path: Path) -> Dataset:
    """The videos, frames and tracks that a split file keeps."""
    return opened(setup, load_split(path))


def opened(setup: Setup, split: Split) -> Dataset:
    """The same of a split that was read already."""
    dataset = open_dataset(split.dataset, setup["datasets"][split.dataset], data_root(setup))
    return apply_split(dataset, split)


def joined(folds: Sequence[Dataset]) -> Dataset:
    """Several datasets, such as the folds of a cross-validation, as one; no two of them share a video."""
    owner = {name: fold for fold in folds for name in fold.names}
    return Dataset(folds[0].name, folds[0].categories, tuple(owner), lambda name: owner[name].load(name))


def train_settings(section: dict[str, Any], seed: int) -> TrainSettings:
    """The ``training`` section of a setup as settings of the loop."""
    return TrainSettings(seed=seed, **section)
