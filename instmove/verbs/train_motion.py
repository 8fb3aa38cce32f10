"""Train InstMove on the training part of a split."""

import argparse
from pathlib import Path

from instmove.config import add_setup_arguments, motion_on, setup_from
from instmove.gpu_memory import needs_memory


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("model", help="name under motion.models in the setup")
    add_setup_arguments(parser)
    parser.add_argument("--train", type=Path, nargs="+", required=True, help="split files to train on, all together")
    parser.add_argument(
        "--val", type=Path, required=True, help="split file for the learning curve; there is none without ground truth"
    )
    parser.add_argument(
        "--split", required=True, help="name of the split, whose entry under motion.training_on replaces settings"
    )
    parser.add_argument("--host-weights", type=Path, help="weights that a model with image: fixed copies from")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, required=True, help="folder for model.safetensors and log.csv")


@needs_memory("motion.canvas", raised="motion.training.parts")
def run(args: argparse.Namespace) -> None:
    """Train, resuming from the folder's checkpoint where there is one; under torchrun on several GPUs."""
    import torch

    from instmove.files import digest, sha256_of_file
    from instmove.motion.from_setup import new_network
    from instmove.network.checkpoint import save_network
    from instmove.runtime import joined, open_split, prepare, train_settings
    from instmove.training.distributed import worker
    from instmove.training.loop import finish, train
    from instmove.training.motion_data import MotionSource
    from instmove.training.motion_task import PHASES, MotionTask
    from instmove.training.motion_validation import motion_validation

    setup = setup_from(args)
    prepare(setup)
    motion = motion_on(setup["motion"], args.split)
    settings = train_settings(motion["training"], args.seed)
    torch.manual_seed(args.seed)
    network, built = new_network(motion, args.model, args.host_weights)
    drawn = {key: motion[key] for key in ("canvas", "past", "crop", "strides") if key in motion}
    shown, held_out = joined([open_split(setup, path) for path in args.train]), open_split(setup, args.val)
    source = MotionSource(shown, seed=args.seed, **drawn)
    print(f"{source.skipped} tracks are too short to learn from; {len(source.windows[min(motion['past'])])} windows")
    copied = sha256_of_file(args.host_weights) if args.host_weights else None
    identity = digest([motion, args.model, copied, [path.read_text(encoding="utf-8") for path in args.train]])
    with worker(setup["device"]) as place:
        validate = None
        if not held_out.withheld:
            validate = motion_validation(MotionSource(held_out, seed=args.seed, **drawn), place.device)
        train(MotionTask(network), PHASES, source, settings, args.output, place, identity, validate)
        if place.leads:
            save_network(args.output / "model.safetensors", network, built)
            finish(args.output, "train-motion")
