"""Train a host's network on the training parts of splits."""

import argparse
from pathlib import Path

from instmove.config import add_setup_arguments, setup_from
from instmove.gpu_memory import needs_memory


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("host", help="name under hosts in the setup")
    parser.add_argument("checkpoint", help="name under the host's checkpoints in the setup")
    add_setup_arguments(parser)
    parser.add_argument("--splits", type=Path, nargs="+", required=True, help="split files to train on, all together")
    parser.add_argument(
        "--val", type=Path, required=True, help="split file for the learning curve; there is none without ground truth"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, required=True, help="folder for model.safetensors and log.csv")


@needs_memory("hosts.{host}.data.sides", raised="hosts.{host}.training.parts")
def run(args: argparse.Namespace) -> None:
    """Train, resuming from the folder's checkpoint where there is one; under torchrun on several GPUs."""
    import torch

    from baselines.checkpoints import save_host
    from baselines.official import start_from
    from baselines.registry import MOTS_HOSTS, host_named, vis_host
    from baselines.training.samples import HostSource, SampleSettings
    from baselines.training.validation import detected, frame_validation, tracked
    from instmove.config import host_settings
    from instmove.files import digest
    from instmove.runtime import open_split, prepare, train_settings
    from instmove.training.distributed import worker
    from instmove.training.loop import finish, train

    setup = setup_from(args)
    prepare(setup)
    host, settings = host_named(args.host), host_settings(setup, args.host, args.checkpoint)
    source = HostSource(
        [open_split(setup, path) for path in args.splits], SampleSettings(**settings["data"]), args.seed
    )
    print(f"{len(source.keys)} frames with {source.identities} objects of {len(source.classes)} classes")
    torch.manual_seed(args.seed)
    network, held_out = host.build(settings, len(source.classes)), open_split(setup, args.val)
    initial = setup["hosts"][args.host]["checkpoints"][args.checkpoint].get("initial")
    if initial:
        fresh = start_from(network, host, Path(initial))
        print(f"started from {initial}, but for {', '.join(fresh) or 'nothing'}")
    identity = digest([settings, initial, [path.read_text(encoding="utf-8") for path in args.splits]])
    with worker(setup["device"]) as place:
        answers = detected if args.host in MOTS_HOSTS else tracked(vis_host(args.host), settings)
        validate = None
        if not held_out.withheld:
            validate = frame_validation(host, settings, source.classes, held_out, place.device, answers)
        task = host.task(network, settings, source.identities)
        train(
            task,
            ("train",),
            source,
            train_settings(settings["training"], args.seed),
            args.output,
            place,
            identity,
            validate,
        )
        if place.leads:
            save_host(args.output / "model.safetensors", args.host, network, settings, source.classes)
            finish(args.output, "train-host")
