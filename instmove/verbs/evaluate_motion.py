"""Score a motion model: masks of past frames in, mask of the current frame out (Tables 2 and 7)."""

import argparse
from pathlib import Path

from instmove.config import add_setup_arguments, model_with_code, setup_from
from instmove.gpu_memory import needs_memory


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("model", help="name under motion.models in the setup")
    add_setup_arguments(parser)
    parser.add_argument("--splits", type=Path, nargs="+", required=True, help="split files to score, one a fold")
    parser.add_argument("--weights", type=Path, action="append", default=[], help="weights of each fold, in order")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, required=True, help="metrics JSON; samples and run record beside it")


@needs_memory("motion.canvas", "flow.longest")
def run(args: argparse.Namespace) -> None:
    """Score each fold with its own weights and write one result over all of them."""
    from instmove.metrics.motion import evaluate_motion
    from instmove.metrics.motion_files import write_motion_metrics
    from instmove.metrics.result_files import run_path
    from instmove.motion.from_setup import motion_of
    from instmove.provenance import Stopwatch, origin_of
    from instmove.runtime import open_split, prepare

    watch = Stopwatch()
    setup = setup_from(args)
    device = prepare(setup)
    weights = args.weights or [None] * len(args.splits)
    folds = [
        (open_split(setup, split), motion_of(setup, args.model, file, device))
        for split, file in zip(args.splits, weights, strict=True)
    ]
    entry = setup["motion"]["models"][args.model]
    shared = {key: value for key, value in setup["motion"].items() if key != "models"}
    origin = origin_of(
        setup,
        dataset=args.splits[0].parent.name,
        splits=args.splits,
        method="motion",
        motion=args.model,
        variant=entry,
        weights={f"fold{fold}": path for fold, path in enumerate(args.weights)},
        seed=args.seed,
        settings=[shared, model_with_code(entry), setup["flow"] if entry["kind"] == "raft" else None],
        shared=[shared],
    )
    write_motion_metrics(args.output, origin, evaluate_motion(folds, setup["motion"]["canvas"]))
    watch.write(run_path(args.output))
