"""Label a training split with RAFT's own flow, to fine-tune it from (Sec. 4.3)."""

import argparse
from pathlib import Path

from instmove.config import add_setup_arguments, setup_from
from instmove.gpu_memory import needs_memory


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_setup_arguments(parser)
    parser.add_argument("--split", type=Path, required=True, help="split file: the training part")
    parser.add_argument("--weights", type=Path, required=True, help="RAFT that labels")
    parser.add_argument("--output", type=Path, required=True, help="labels to write (.npz)")


@needs_memory("flow.longest")
def run(args: argparse.Namespace) -> None:
    """Write the flow of the pairs that are chosen, the same for every seed."""
    from instmove.flow.checkpoint import load_raft
    from instmove.flow.pseudo_labels import write_pseudo_labels
    from instmove.runtime import open_split, prepare

    setup = setup_from(args)
    device = prepare(setup)
    flow = setup["flow"]
    labels = flow["pseudo_labels"]
    teacher = load_raft(args.weights).to(device).eval()
    dataset = open_split(setup, args.split)
    write_pseudo_labels(args.output, teacher, dataset, labels.get("pairs"), 0, flow["longest"], labels["iterations"])
