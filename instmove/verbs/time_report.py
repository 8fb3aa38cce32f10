"""Print the seconds of each rule, from Snakemake's benchmark files of a setup."""

import argparse
from pathlib import Path

from instmove.config import add_setup_arguments, setup_from
from instmove.errors import InstMoveError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    add_setup_arguments(parser)


def run(args: argparse.Namespace) -> None:
    """Print rule, jobs, total and longest seconds, and peak memory; the slowest rule first."""
    folder = Path("results") / setup_from(args)["setup"] / "benchmarks"
    rules = rule_times(folder)
    if not rules:
        raise InstMoveError(f"{folder}: no benchmark files; run `make tables` first")
    print(f"{'rule':24} {'jobs':>5} {'total s':>9} {'longest s':>10} {'peak MB':>8}")
    for rule, jobs in sorted(rules.items(), key=lambda item: -sum(s for s, _ in item[1])):
        seconds = [s for s, _ in jobs]
        peak = max(megabytes for _, megabytes in jobs)
        print(f"{rule:24} {len(jobs):5} {sum(seconds):9.1f} {max(seconds):10.1f} {peak:8.0f}")


def rule_times(folder: Path) -> dict[str, list[tuple[float, float]]]:
    """(seconds, peak megabytes) of each job by rule; the rule is the first part of the benchmark file's path."""
    rules: dict[str, list[tuple[float, float]]] = {}
    for path in sorted(folder.rglob("*.tsv")):
        header, values = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[:2])
        row = dict(zip(header, values, strict=True))
        rule = path.relative_to(folder).parts[0].removesuffix(".tsv")
        rules.setdefault(rule, []).append((_number(row["s"]), _number(row["max_rss"])))
    return rules


def _number(text: str) -> float:
    return 0.0 if text in ("NA", "-") else float(text)
