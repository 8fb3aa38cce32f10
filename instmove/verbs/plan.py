"""Say what each target would run: jobs, missing inputs, estimated time and disk."""

import argparse
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from instmove.config import Setup, add_setup_arguments, as_yaml, nest, setup_from
from instmove.reporting.cells import available_results, table_names
from instmove.reporting.needs import Lacking, lacking
from instmove.verbs.time_report import rule_times

JOB = re.compile(r"^(?:local)?rule (\w+):\n((?:    .*\n?)*)", re.MULTILINE)
RAISED = re.compile(r"WorkflowError:\n +(.+)")
MISSING = re.compile(r"affected files:\n((?: {8}.*\n?)+)")


@dataclass
class Plan:
    """What Snakemake would do for one target; ``problem`` is its one-line reason where it cannot."""

    jobs: Counter[str] = field(default_factory=Counter)
    minutes: dict[str, float] = field(default_factory=dict)
    megabytes: int = 0
    problem: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("targets", nargs="*", help="default: all that the setup has")
    add_setup_arguments(parser)
    parser.add_argument("--cores", type=int, default=2, help="cores that the time is estimated for (default 2)")


def run(args: argparse.Namespace) -> int:
    """Print a line a target, then the jobs of the first; exit 1 if inputs are missing."""
    setup = setup_from(args)
    measured = rule_times(Path("results") / setup["setup"] / "benchmarks")
    plans = {target: dry_run(target, args.setup, args.set) for target in args.targets or targets(setup)}
    absent = lacking(setup)
    missing = {target: missing_inputs(setup, target, absent) for target in plans}
    print(f"{'target':10} {'jobs':>5} {'minutes':>8} {'disk MB':>8}  missing")
    small = "about" in setup
    for target, plan in plans.items():
        each = [_minutes(rule, plan, measured, small) for rule in plan.jobs.elements()]
        minutes = "-" if None in each else f"{sum(filter(None, each)) / args.cores:.1f}"
        problem = plan.problem or ", ".join(missing[target]) or "-"
        print(f"{target:10} {plan.jobs.total():5} {minutes:>8} {plan.megabytes if small else '-':>8}  {problem}")
    first = next(iter(plans.values()))
    for rule, count in sorted(first.jobs.items()):
        one = _minutes(rule, first, measured, small)
        shown = "time unknown" if one is None else f"{one:5.1f} min"
        print(f"  {rule:22} {count:4} x {shown} ({'measured' if rule in measured else 'declared'})")
    if not small:
        print(
            "What rules declare is for small networks and videos; docs/cost.md has hours and disk at the paper's size."
        )
    return int(any(plan.problem or missing[target] for target, plan in plans.items()))


def targets(setup: Setup) -> list[str]:
    """The targets that a setup can make; the zoo trains what it does not get from others."""
    optional = {"grid": "grid" in setup, "zoo": "base" in setup["flow"]}
    return ["tables", *setup["tables"], "figures", *(name for name, there in optional.items() if there)]


def missing_inputs(setup: Setup, target: str, absent: Lacking) -> list[str]:
    """Data and checkpoints that the tables of a target lack; it is made without the cells that need them."""
    tables = [target] if target in setup["tables"] else table_names(setup)
    results = dict.fromkeys(result for table in tables for result in available_results(setup, table))
    return list(dict.fromkeys(str(need.path) for result in results for need in absent.get(result, ())))


def dry_run(target: str, setup: str, overrides: Iterable[str]) -> Plan:
    """Ask ``snakemake -n`` what it would run; each job's block names its rule and its declared resources."""
    config = [f"setup={setup}", *(f"{key}={as_yaml(value)}" for key, value in nest(overrides).items())]
    command = [sys.executable, "-m", "snakemake", "-n", "--cores", "all", target, "--config", *config]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return Plan(problem=_reason(done.stderr + done.stdout))
    plan = Plan()
    for rule, block in JOB.findall(done.stdout):
        resources = dict(re.findall(r"(\w+)=(\d+)", block.rpartition("resources: ")[2]))
        if "runtime" not in resources:
            continue  # a target, which runs nothing
        plan.jobs[rule] += 1
        plan.minutes[rule] = float(resources["runtime"])
        plan.megabytes += int(resources.get("disk_mb", 0))
    return plan


def _reason(output: str) -> str:
    """The files that Snakemake misses, else the error of a rule's function, else the last thing that it said."""
    files = MISSING.search(output)
    if files:
        return ", ".join(line.strip() for line in files[1].splitlines())
    raised = RAISED.search(output)
    if raised:
        return raised[1]
    said = [line.strip() for line in output.splitlines() if line.strip() and not line.startswith("  File ")]
    return said[-1]


def _minutes(rule: str, plan: Plan, measured: dict[str, list[tuple[float, float]]], small: bool) -> float | None:
    """As measured, else as declared, which is known for ``small`` networks and videos alone."""
    seconds = [s for s, _ in measured.get(rule, [])]
    if seconds:
        return sum(seconds) / len(seconds) / 60
    return plan.minutes[rule] if small else None
