"""Turn cached predictions into tracks, with a motion model or without, and score them by the method's own metric."""

import argparse
from pathlib import Path
from typing import Any

from instmove.config import Setup, add_setup_arguments, setup_from
from instmove.errors import InstMoveError
from instmove.gpu_memory import needs_memory


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("host", help="name under hosts in the setup")
    parser.add_argument("benchmark", help="name under benchmarks in the setup")
    parser.add_argument("motion", help="name under association.variants in the setup")
    add_setup_arguments(parser)
    parser.add_argument("--split", type=Path, required=True, help="split file")
    parser.add_argument("--predictions", type=Path, required=True, help="folder that 'instmove predict' wrote")
    parser.add_argument("--predicted", type=Path, help="split that they are of, if it has more frames than --split")
    parser.add_argument("--checkpoint", type=Path, required=True, help="the host's weights, which predicted")
    parser.add_argument("--weights", type=Path, help="weights of the motion model, if it has any")
    parser.add_argument("--seed", type=int, default=0, help="the one that the motion model was trained with")
    parser.add_argument("--output", type=Path, required=True, help="metrics JSON; tracks and run record beside it")


@needs_memory()
def run(args: argparse.Namespace) -> None:
    """Associate video after video; write the tracks, the metrics and the record of the run."""
    from dataclasses import asdict

    from baselines.association import Association, AssociationCost, associate_dataset
    from baselines.cache import cache_identity, open_cache, positions_in
    from baselines.checkpoints import load_host
    from baselines.mots_association import MotsAssociation, associate_mots, categories_of
    from baselines.registry import MOTS_HOSTS, mots_host, vis_host
    from baselines.settings import association_settings
    from instmove.config import entry_of, host_settings
    from instmove.datasets.splits import load_split
    from instmove.metrics.mots_files import score_mots
    from instmove.metrics.result_files import run_path
    from instmove.metrics.video_scoring import write_scored
    from instmove.motion.from_setup import motion_of
    from instmove.provenance import Stopwatch
    from instmove.reporting.cost import seconds_per_frame
    from instmove.runtime import opened, prepare

    watch = Stopwatch()
    setup = setup_from(args)
    device = prepare(setup)
    host = host_settings(setup, args.host, entry_of(setup, "benchmarks", args.benchmark)["checkpoint"])
    variant = association_settings(setup["association"], args.host, args.motion)
    name = variant.model_name
    model = None if name is None else motion_of(setup, name, args.weights, device)
    split = load_split(args.split)
    predicted = load_split(args.predicted) if args.predicted else split
    if args.host in MOTS_HOSTS and predicted.digest != split.digest:
        raise InstMoveError(
            f"{args.predicted}: {args.host} sees frames one after the other, it needs those of its split"
        )
    identity = cache_identity(setup, args.host, host, args.checkpoint, predicted)
    cache, cost = open_cache(args.predictions, identity, positions_in(split, predicted)), AssociationCost()
    dataset = opened(setup, split)
    origin = _origin(args, setup, host, asdict(variant))
    if args.host in MOTS_HOSTS:
        network, _ = load_host(args.checkpoint, args.host, host)
        categories = categories_of(cache, dataset)
        mots = MotsAssociation(mots_host(args.host), host, variant, model, network.to(device), categories)
        score_mots(args.output, origin, associate_mots(mots, dataset, cache, cost), sorted(dataset.categories))
    else:
        vis = Association(vis_host(args.host), host, variant, model)
        write_scored(args.output, origin, associate_dataset(vis, dataset, cache, cost))
    predicting = seconds_per_frame(run_path(args.predictions / "index.json"))
    watch.write(run_path(args.output), **cost.record(predicting))


def _origin(args: argparse.Namespace, setup: Setup, host: dict[str, Any], variant: dict[str, Any]) -> dict[str, Any]:
    """What the number depends on."""
    from instmove.config import model_with_code
    from instmove.files import sha256_of_file
    from instmove.provenance import origin_of

    model = setup["motion"]["models"].get(variant["model"])
    used = [host[key] for key in ("network", "input", "window", "tracker")]
    flow = setup["flow"] if model and model["kind"] == "raft" else None
    return origin_of(
        setup,
        dataset=args.benchmark,
        splits=[args.split],
        method=args.host,
        motion=args.motion,
        variant=variant,
        weights={"host": args.checkpoint} | ({"motion": args.weights} if args.weights else {}),
        seed=args.seed,
        settings=[used, variant, model_with_code(model), flow],
        shared=[used, sha256_of_file(args.checkpoint)],
    )
