"""Turn the authors' checkpoint of a host into weights of ours, every tensor accounted for."""

import argparse
from pathlib import Path

from instmove.config import add_setup_arguments, setup_from


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("host", help="name under hosts in the setup")
    parser.add_argument("file", type=Path, help="the authors' checkpoint")
    add_setup_arguments(parser)
    parser.add_argument("--dataset", required=True, help="under datasets: its categories are the classes")
    parser.add_argument("--output", type=Path, required=True, help="safetensors file to write")


def run(args: argparse.Namespace) -> None:
    """Convert, check the names and shapes one by one, write."""
    from baselines.checkpoints import save_host
    from baselines.official import load_official
    from instmove.config import data_root, entry_of
    from instmove.datasets.catalog import open_dataset
    from instmove.datasets.classes import joint_classes

    setup = setup_from(args)
    settings = entry_of(setup, "hosts", args.host)
    classes = joint_classes([open_dataset(args.dataset, entry_of(setup, "datasets", args.dataset), data_root(setup))])
    network, unused = load_official(setup["hosts"], args.host, len(classes), args.file)
    save_host(args.output, args.host, network, settings, classes)
    print(f"{args.output}: {len(network.state_dict())} tensors; knowingly unused: {', '.join(unused) or 'none'}")
