"""Train STCN: static pre-training on single pictures, then the main training of a branch, without motion or with it."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from instmove.config import add_setup_arguments, setup_from
from instmove.gpu_memory import needs_memory
from instmove.reporting.cells import BRANCHES

if TYPE_CHECKING:
    from baselines.stcn.guidance import TrainingMotion
    from baselines.stcn.network import StcnSettings
    from baselines.stcn.task import StcnTask
    from instmove.training.loop import Source

STATIC = "static"
STAGES = (("clips", "reach", "bootstrap", "training"), ("static",))
"""Keys of vos.train that the main training reads, and those of the static one."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("stage", choices=(STATIC, *BRANCHES), help="static pre-training, or a branch of the main one")
    add_setup_arguments(parser)
    parser.add_argument("--splits", type=Path, nargs="+", required=True, help="split files to train on, all together")
    parser.add_argument("--val", type=Path, help="split file for the learning curve of a branch")
    parser.add_argument("--initial", type=Path, help="weights of static pre-training that a branch starts from")
    parser.add_argument("--motion-weights", type=Path, help="the frozen InstMove of the branch with motion")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, required=True, help="folder for model.safetensors and log.csv")


@needs_memory("vos.train.windows.side", raised="vos.train.training.parts")
def run(args: argparse.Namespace) -> None:
    """Train, resuming from the folder's checkpoint where there is one; under torchrun on several GPUs."""
    from baselines.settings import settings_of
    from baselines.stcn.checkpoint import save_stcn
    from baselines.stcn.network import StcnSettings
    from baselines.stcn.validation import region_validation
    from instmove.files import digest, sha256_of_file
    from instmove.runtime import open_split, prepare, train_settings
    from instmove.training.distributed import worker
    from instmove.training.loop import finish, train

    setup = setup_from(args)
    prepare(setup)
    settings = setup["vos"]["train"]
    sizes = settings_of(StcnSettings, settings["network"], "vos.train.network")
    source, training, task = (_static if args.stage == STATIC else _branch)(args, setup, sizes)
    files = [path for path in (args.initial, args.motion_weights) if path]
    used = [settings[key] for key in ("network", "windows", *STAGES[args.stage == STATIC])]
    identity = digest([used, args.stage, [sha256_of_file(path) for path in (*args.splits, *files)]])
    with worker(setup["device"]) as place:
        validate = region_validation(setup, open_split(setup, args.val), place.device) if args.val else None
        train(task, ("train",), source, train_settings(training, args.seed), args.output, place, identity, validate)
        if place.leads:
            save_stcn(args.output / "model.safetensors", task.network)
            finish(args.output, "train-vos")


def _static(
    args: argparse.Namespace, setup: dict[str, Any], sizes: "StcnSettings"
) -> tuple["Source", dict[str, Any], "StcnTask"]:
    """Pictures, settings and task of static pre-training, from a fresh network."""
    import torch

    from baselines.stcn.checkpoint import single_object
    from baselines.stcn.clips import StillSource, Windows
    from baselines.stcn.losses import Bootstrap
    from baselines.stcn.network import Stcn
    from baselines.stcn.task import StcnTask
    from instmove.runtime import open_split

    settings = setup["vos"]["train"]
    source = StillSource([open_split(setup, path) for path in args.splits], Windows(**settings["windows"]), args.seed)
    print(f"{len(source.keys)} pictures of an object")
    torch.manual_seed(args.seed)
    task = StcnTask(Stcn(single_object(sizes)), Bootstrap(**settings["static"]["bootstrap"]), learn_norms=True)
    return source, settings["static"]["training"], task


def _branch(
    args: argparse.Namespace, setup: dict[str, Any], sizes: "StcnSettings"
) -> tuple["Source", dict[str, Any], "StcnTask"]:
    """Clips, settings and task of a branch of the main training, from the weights of the static one."""
    from dataclasses import replace

    from baselines.stcn.checkpoint import start_from
    from baselines.stcn.clips import ClipSource, Reach, Weighted, Windows
    from baselines.stcn.losses import Bootstrap
    from baselines.stcn.task import StcnTask
    from instmove.errors import InstMoveError
    from instmove.runtime import open_split

    if args.initial is None:
        raise InstMoveError(f"train-vos {args.stage}: needs --initial FILE, the weights of static pre-training")
    settings = setup["vos"]["train"]
    parts = [
        Weighted(open_split(setup, path), **part)
        for path, part in zip(args.splits, settings["clips"].values(), strict=True)
    ]
    iterations = settings["training"]["iterations"]
    windows, reach = Windows(**settings["windows"]), Reach(**settings["reach"])
    source = ClipSource(parts, windows, reach, args.seed, iterations)
    print(f"{len(source.videos)} videos, repeated ones counted")
    motion = _motion(args)
    network = start_from(args.initial, sizes if motion else replace(sizes, motion="none"), args.seed)
    return source, settings["training"], StcnTask(network, Bootstrap(**settings["bootstrap"]), motion)


def _motion(args: argparse.Namespace) -> "TrainingMotion | None":
    """The frozen motion model of the branch that has one."""
    from baselines.stcn.guidance import TrainingMotion
    from instmove.errors import InstMoveError
    from instmove.network.checkpoint import load_network

    plain, _ = BRANCHES
    if (args.stage == plain) != (args.motion_weights is None):
        raise InstMoveError(f"train-vos {args.stage}: --motion-weights FILE goes with the branch that has motion only")
    if args.motion_weights is None:
        return None
    network, built = load_network(args.motion_weights)
    return TrainingMotion(network, built.side)
