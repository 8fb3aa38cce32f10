"""Run a host's network over every frame of a split and cache what it sees."""

import argparse
from pathlib import Path

from instmove.config import add_setup_arguments, setup_from
from instmove.gpu_memory import needs_memory


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("host", help="name under hosts in the setup")
    parser.add_argument("checkpoint", help="name under the host's checkpoints in the setup")
    add_setup_arguments(parser)
    parser.add_argument("--split", type=Path, required=True, help="split file")
    parser.add_argument("--weights", type=Path, required=True, help="the host's weights (.safetensors)")
    parser.add_argument("--output", type=Path, required=True, help="folder for index.json and a file a video")


@needs_memory("hosts.{host}.window", "hosts.{host}.input")
def run(args: argparse.Namespace) -> None:
    """Predict the videos that the folder does not have yet, then write its index."""
    from baselines.cache import cache_identity, index_path, write_index
    from baselines.checkpoints import load_host
    from baselines.prediction import predict_dataset
    from baselines.registry import host_named
    from instmove.code_digest import closure_digest
    from instmove.config import host_settings
    from instmove.datasets.splits import load_split
    from instmove.metrics.result_files import run_path
    from instmove.provenance import Stopwatch
    from instmove.runtime import opened, prepare

    watch = Stopwatch()
    setup = setup_from(args)
    device = prepare(setup)
    settings = host_settings(setup, args.host, args.checkpoint)
    network, classes = load_host(args.weights, args.host, settings)
    predictor = host_named(args.host).predictor(network, settings, device)
    split = load_split(args.split)
    identity = cache_identity(setup, args.host, settings, args.weights, split)
    stamp = identity.stamp(closure_digest(type(predictor).__module__))
    videos, spent = predict_dataset(predictor, opened(setup, split), args.output, stamp)
    record = run_path(index_path(args.output))
    if spent.frames or not record.exists():  # the cost of a run that had nothing left to do says nothing
        watch.write(record, frames=spent.frames, prediction_seconds=spent.seconds)
    write_index(args.output, identity, stamp, classes, videos)
