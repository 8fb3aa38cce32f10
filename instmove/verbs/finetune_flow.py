"""Fine-tune RAFT on the labels that it gave a training split (Sec. 4.3)."""

import argparse
from pathlib import Path

from instmove.config import add_setup_arguments, setup_from
from instmove.gpu_memory import needs_memory


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_setup_arguments(parser)
    parser.add_argument("--split", type=Path, required=True, help="split file: the training part")
    parser.add_argument("--labels", type=Path, required=True, help="labels for it (.npz)")
    parser.add_argument("--weights", type=Path, required=True, help="RAFT to start from")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, required=True, help="folder for model.safetensors and log.csv")


@needs_memory("flow.crop", raised="flow.training.parts")
def run(args: argparse.Namespace) -> None:
    """Train on augmented crops of the labelled pairs, resuming where a checkpoint is; torchrun for several GPUs."""
    from instmove.files import digest, sha256_of_file
    from instmove.flow.augment import Augmentation
    from instmove.flow.checkpoint import load_raft
    from instmove.flow.pseudo_labels import PseudoLabels
    from instmove.flow.samples import FlowSource
    from instmove.flow.training import FINETUNING, train_raft
    from instmove.runtime import open_split, prepare, train_settings

    setup = setup_from(args)
    prepare(setup)
    flow = setup["flow"]
    labels = PseudoLabels(args.labels, open_split(setup, args.split))
    source = FlowSource(labels, Augmentation(tuple(flow["crop"]), FINETUNING.scale, FINETUNING.flips), args.seed)
    settings = train_settings(flow["training"], args.seed)
    identity = digest([flow, args.split.read_text(encoding="utf-8"), sha256_of_file(args.weights)])
    train_raft(load_raft(args.weights), source, FINETUNING, settings, args.output, setup["device"], identity)
