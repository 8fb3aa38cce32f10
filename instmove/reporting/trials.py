"""The results that say how much a setting matters; the workflow reads this, so it imports nothing heavy."""

from collections.abc import Iterator

from instmove.reporting.cells import Result, Setup, available
from instmove.sensitivity import Trial, trials


def sensitivity_results(setup: Setup) -> Iterator[tuple[Trial, Result, str]]:
    """Every trial on every host that can run it, by the first seed, with the metric it is scored by."""
    for trial in trials(setup):
        for benchmark, metric in setup["sensitivity"]["benchmarks"].items():
            for host in setup["hosts"]:
                result = Result(host, benchmark, trial.variant, setup["seeds"][0])
                if available(setup, result):
                    yield trial, result, metric
