"""Segment the objects of a benchmark's videos with STCN, with a motion model or without, and score them by J and F."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from instmove.config import Setup, add_setup_arguments, setup_from
from instmove.gpu_memory import needs_memory

if TYPE_CHECKING:
    from baselines.stcn.network import Stcn
    from instmove.video import Dataset


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("benchmark", help="name under vos.benchmarks in the setup")
    parser.add_argument("motion", help="name under association.variants in the setup")
    add_setup_arguments(parser)
    parser.add_argument("--splits", type=Path, nargs="+", required=True, help="split files, the folds of one split")
    parser.add_argument("--checkpoint", type=Path, required=True, help="weights of the branch")
    parser.add_argument("--weights", type=Path, help="weights of the motion model, if it has any")
    parser.add_argument("--seed", type=int, default=0, help="the one that the branch was trained with")
    parser.add_argument("--output", type=Path, required=True, help="metrics JSON; masks and run record beside it")


@needs_memory("vos.memory.frames", "vos.input.shortest")
def run(args: argparse.Namespace) -> None:
    """Segment video after video; write the masks as an archive, the metrics and the record of the run.

    Videos that a killed run of the same weights, settings and code had finished are not segmented again.
    """
    from baselines.stcn.build import guide_for, segmenter
    from baselines.stcn.checkpoint import load_stcn
    from baselines.stcn.guidance import MotionCost
    from baselines.stcn.segmentation import segment_dataset
    from instmove.code_digest import code_digest
    from instmove.config import entry_of
    from instmove.datasets.vos_results import begun_folder, write_archive
    from instmove.files import digest
    from instmove.metrics.result_files import run_path, submission_path
    from instmove.provenance import Stopwatch
    from instmove.runtime import joined, open_split, prepare

    watch = Stopwatch()
    setup = setup_from(args)
    device = prepare(setup)
    benchmark = entry_of(setup["vos"], "benchmarks", args.benchmark)
    network = load_stcn(args.checkpoint)
    cost = MotionCost()
    guide = guide_for(setup, args.motion, args.weights, device, cost)
    _require_branch(args, network, with_motion=guide is not None)
    dataset = joined([open_split(setup, path) for path in args.splits])
    origin = _origin(args, setup, benchmark)
    with begun_folder(args.output, digest([origin, code_digest("segment")])) as folder:
        made = segmenter(setup, network, device, guide, benchmark.get("every"))
        frames, seconds = segment_dataset(made, dataset, benchmark["protocol"], folder)
        write_archive(folder, submission_path(args.output))
        _write_metrics(args, setup, benchmark, dataset, folder, origin)
    watch.write(
        run_path(args.output),
        frames=frames,
        prediction_seconds=seconds - cost.seconds,
        motion_seconds=cost.seconds,
        tracklet_predictions=cost.predictions,
        association_seconds=0.0,
    )


def _require_branch(args: argparse.Namespace, network: "Stcn", with_motion: bool) -> None:
    from instmove.errors import InstMoveError

    if (network.settings.motion != "none") != with_motion:
        reads = "has no convolution for" if with_motion else "reads"
        other = f"motion '{args.motion}' needs the other branch"
        raise InstMoveError(f"{args.checkpoint}: this network {reads} a motion mask; {other}")


def _write_metrics(
    args: argparse.Namespace,
    setup: Setup,
    benchmark: dict[str, Any],
    dataset: "Dataset",
    folder: Path,
    origin: dict[str, Any],
) -> None:
    """Score the folder here or, where the truth is withheld, leave that to the server."""
    from instmove.metrics.result_files import write_submission
    from instmove.metrics.vos_files import write_vos_metrics
    from instmove.metrics.vos_result import STATISTICS, vos_result
    from instmove.metrics.vos_scoring import score_folder, seen_in_training

    protocol = benchmark["protocol"]
    if benchmark["scored"] == "server":
        write_submission(args.output, origin, STATISTICS[protocol])
        return
    seen = seen_in_training(setup, benchmark["split"], dataset)
    write_vos_metrics(args.output, origin, vos_result(score_folder(folder, dataset, protocol), seen), protocol)


def _origin(args: argparse.Namespace, setup: Setup, benchmark: dict[str, Any]) -> dict[str, Any]:
    """What the number depends on."""
    from dataclasses import asdict

    from baselines.settings import association_settings
    from instmove.config import model_with_code
    from instmove.provenance import origin_of
    from instmove.reporting.cells import VOS

    variant = asdict(association_settings(setup["association"], VOS, args.motion))
    model = setup["motion"]["models"].get(variant["model"])
    used = [setup["vos"][key] for key in ("input", "memory")]
    flow = setup["flow"] if model and model["kind"] == "raft" else None
    return origin_of(
        setup,
        dataset=args.benchmark,
        splits=args.splits,
        method=VOS,
        motion=args.motion,
        variant=variant,
        weights={VOS: args.checkpoint} | ({"motion": args.weights} if args.weights else {}),
        seed=args.seed,
        settings=[used, benchmark, variant, model_with_code(model), flow],
    )
