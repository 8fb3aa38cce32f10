"""Train RAFT's base on generated pairs whose flow is known, where there are no official weights."""

import argparse
from pathlib import Path

from instmove.config import add_setup_arguments, setup_from
from instmove.gpu_memory import needs_memory

HELD_OUT = 40
"""Pairs of another seed that the learning curve is measured on."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_setup_arguments(parser)
    parser.add_argument("--output", type=Path, required=True, help="folder for model.safetensors and log.csv")


@needs_memory("flow.crop", raised="flow.base.training.parts")
def run(args: argparse.Namespace) -> None:
    """Draw the pairs, then train, resuming where a checkpoint is; torchrun for several GPUs."""
    import torch

    from instmove.datasets.synthetic.clips import render_flow_clip
    from instmove.errors import InstMoveError
    from instmove.files import digest
    from instmove.flow.augment import Augmentation
    from instmove.flow.known_flow import KnownFlow, flow_validation
    from instmove.flow.raft import Raft, RaftSettings
    from instmove.flow.samples import FlowSource
    from instmove.flow.training import BASE, train_raft
    from instmove.runtime import prepare, train_settings

    setup = setup_from(args)
    prepare(setup)
    flow, base = setup["flow"], setup["flow"].get("base")
    if base is None:
        raise InstMoveError(
            f"flow.base: setup '{setup['setup']}' does not say how RAFT's base is trained; "
            "use weights=shipped, or name official weights as flow.checkpoint"
        )
    seed, longest = base["seed"], flow["longest"]
    pairs = KnownFlow((render_flow_clip(seed, i) for i in range(base["clips"])), longest)
    held_out = KnownFlow((render_flow_clip(seed + 1, i) for i in range(HELD_OUT)), longest)
    source = FlowSource(pairs, Augmentation(tuple(flow["crop"]), BASE.scale, BASE.flips), seed)
    torch.manual_seed(seed)
    raft = Raft(RaftSettings(flow["variant"], flow["width"], flow["levels"]))
    validate = flow_validation(held_out, flow["iterations"])
    settings = train_settings(base["training"], seed)
    train_raft(raft, source, BASE, settings, args.output, setup["device"], digest(flow), validate)
