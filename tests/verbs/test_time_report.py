"""Seconds of each rule, from benchmark files as Snakemake writes them."""

from pathlib import Path

import pytest
from snakemake.benchmark import BenchmarkRecord, write_benchmark_records

from instmove.cli import main
from instmove.verbs.time_report import rule_times


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Benchmark files of one job of one rule and two jobs of another, the second too short to be measured."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "results/mini/benchmarks"
    (folder / "train_motion/deep").mkdir(parents=True)
    jobs = {"make_mini": (62.5, 300.0), "train_motion/a_0": (100.0, 512.4), "train_motion/deep/b_0": (0.25, None)}
    for name, (seconds, megabytes) in jobs.items():
        record = BenchmarkRecord(running_time=seconds, max_rss=megabytes)
        record.data_collected, record.process_gone = megabytes is not None, True
        write_benchmark_records([record], str(folder / f"{name}.tsv"), False)
    return folder


def test_jobs_are_summed_by_rule_and_the_slowest_comes_first(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["time-report"]) == 0
    assert [line.split() for line in capsys.readouterr().out.splitlines()[1:]] == [
        ["train_motion", "2", "100.2", "100.0", "512"],
        ["make_mini", "1", "62.5", "62.5", "300"],
    ]


def test_times_and_memory_of_each_job(results: Path) -> None:
    assert rule_times(results) == {"make_mini": [(62.5, 300.0)], "train_motion": [(100.0, 512.4), (0.25, 0.0)]}


def test_nothing_has_run(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for file in results.rglob("*.tsv"):
        file.unlink()
    assert main(["time-report"]) == 1
    assert "results/mini/benchmarks: no benchmark files; run `make tables` first" in capsys.readouterr().err
