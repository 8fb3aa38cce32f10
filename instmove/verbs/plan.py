"""Say what each target would run: jobs, missing inputs, estimated time and disk."""

import argparse
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from instmove.config import add_setup_arguments, setup_from
from instmove.verbs.time_report import rule_times

TARGETS = ("tables", "table2", "table7", "figures", "zoo")


@dataclass
class Plan:
    """What Snakemake would do for one target; ``problem`` is its one-line reason where it cannot."""

    jobs: Counter[str] = field(default_factory=Counter)
    minutes: dict[str, float] = field(default_factory=dict)
    megabytes: int = 0
    problem: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("targets", nargs="*", default=TARGETS, help=f"default: {' '.join(TARGETS)}")
    add_setup_arguments(parser)
    parser.add_argument("--cores", type=int, default=2, help="cores that the time is estimated for (default 2)")


def run(args: argparse.Namespace) -> int:
    """Print a line a target, then the jobs of the first; exit 1 if inputs are missing."""
    setup = setup_from(args)
    measured = rule_times(Path("results") / setup["setup"] / "benchmarks")
    print(f"{'target':10} {'jobs':>5} {'minutes':>8} {'disk MB':>8}  missing")
    plans = {target: dry_run(target, setup["setup"], args.set) for target in args.targets}
    for target, plan in plans.items():
        minutes = sum(count * _minutes(rule, plan, measured) for rule, count in plan.jobs.items()) / args.cores
        print(f"{target:10} {plan.jobs.total():5} {minutes:8.1f} {plan.megabytes:8}  {plan.problem or '-'}")
    first = plans[args.targets[0]]
    for rule, count in sorted(first.jobs.items()):
        source = "measured" if rule in measured else "declared"
        print(f"  {rule:22} {count:4} x {_minutes(rule, first, measured):5.1f} min ({source})")
    return int(any(plan.problem for plan in plans.values()))


def dry_run(target: str, setup: str, overrides: list[str]) -> Plan:
    """Ask ``snakemake -n`` what it would run; each job's block names its rule and its declared resources."""
    config = [f"setup={setup}", *overrides]
    command = [sys.executable, "-m", "snakemake", "-n", "--cores", "all", target, "--config", *config]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    plan = Plan()
    if done.returncode:
        lines = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        plan.problem = " ".join(lines[-4:])
        return plan
    for rule, block in re.findall(r"^(?:local)?rule (\w+):\n(.*?)(?=^\S|\Z)", done.stdout, re.MULTILINE | re.DOTALL):
        resources = dict(re.findall(r"(\w+)=(\d+)", block))
        if "runtime" not in resources:
            continue  # a target, which runs nothing
        plan.jobs[rule] += 1
        plan.minutes[rule] = float(resources["runtime"])
        plan.megabytes += int(resources.get("disk_mb", 0))
    return plan


def _minutes(rule: str, plan: Plan, measured: dict[str, list[tuple[float, float]]]) -> float:
    seconds = [s for s, _ in measured.get(rule, [])]
    return sum(seconds) / len(seconds) / 60 if seconds else plan.minutes[rule]
