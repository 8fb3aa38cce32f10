"""What `instmove plan` says is what Snakemake would do, and what it cannot do for want of data."""

import sys
from collections import Counter
from pathlib import Path
from subprocess import CompletedProcess
from types import SimpleNamespace

import pytest
from workflow_runs import job_counts, link_workflow, snakemake

from instmove.cli import main
from instmove.config import load_setup
from instmove.reporting.needs import lacking
from instmove.verbs import plan
from instmove.verbs.plan import Plan, dry_run, missing_inputs, targets

SET = ("seeds=[0, 1]", "motion.training.iterations=3", "motion.training.lr=1.0e-5", "data_root=made")


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to run the workflow in, the working folder; nothing was made in it yet."""
    link_workflow(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan asks a Snakemake that is a fork and says all in ``stdout``; tests without this start a whole process."""

    def run(command: list[str], **_: bool) -> CompletedProcess[str]:
        assert command[:3] == [sys.executable, "-m", "snakemake"]
        done = snakemake(Path(), *command[3:])
        return CompletedProcess(command, done.returncode, done.stdout, "")

    monkeypatch.setattr(plan, "subprocess", SimpleNamespace(run=run))


def test_jobs_are_those_of_a_dry_run(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    overrides = ["seeds=[0, 1]", "motion={training: {iterations: 3, lr: 1.0e-5}}", "data_root=made"]
    done = snakemake(empty, "-n", "tables", "--config", "setup=mini", *overrides)
    assert done.returncode == 0, done.stdout
    expected = job_counts(done.stdout)
    del expected["tables"]  # the target itself runs nothing

    assert main(["plan", "tables", *(word for item in SET for word in ("--set", item))]) == 0
    header, total, *rules = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert header == ["target", "jobs", "minutes", "disk", "MB", "missing"]
    assert (total[0], int(total[1]), total[4]) == ("tables", sum(expected.values()), "-")
    assert {words[0]: int(words[1]) for words in rules} == expected
    assert float(total[2]) == pytest.approx(sum(int(words[1]) * float(words[3]) for words in rules) / 2)
    assert [path.name for path in empty.iterdir() if path.name != ".snakemake"] == ["Snakefile"]


@pytest.mark.usefixtures("forked")
def test_a_file_that_nobody_makes_is_named(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "table2", "--set", "flow.checkpoint=raft-things.pth"]) == 1
    _header, table2, *rules = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert table2[-1] == "raft-things.pth"
    assert "train_motion" in {words[0] for words in rules}, "the other cells of the table"
    assert "finetune_flow" not in {words[0] for words in rules}


def test_an_unknown_target_is_a_problem(empty: Path) -> None:
    found = dry_run("table99", "mini", [])
    assert found.problem.startswith("No rule to produce table99")
    assert not found.jobs


def test_real_data_that_is_missing(
    empty: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(plan, "dry_run", lambda *_: Plan(Counter(make_split=2), {"make_split": 1.5}, 2))
    arguments = ["plan", "table2", "--setup", "davis16", "--set", "data_root=real", "--cores", "1"]
    jobs = "make_split 2 x 1.5 min (declared)"

    def lines() -> list[str]:
        status = main(arguments)
        setup = load_setup("davis16", {"data_root": "real"})
        assert status == bool(missing_inputs(setup, "table2", lacking(setup)))
        return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()[1:]]

    assert lines() == ["table2 2 3.0 2 real/JPEGImages/480p, real/Annotations/480p", jobs]
    Path("real/JPEGImages/480p").mkdir(parents=True)
    assert lines() == ["table2 2 3.0 2 real/Annotations/480p", jobs]
    Path("real/Annotations/480p").mkdir(parents=True)
    assert lines() == ["table2 2 3.0 2 -", jobs]


def test_a_table_lacks_what_its_own_results_need_alone(empty: Path) -> None:
    setup = load_setup("paper", {"data_root": "real"})
    own, every = (missing_inputs(setup, target, lacking(setup)) for target in ("table2", "tables"))
    assert set(own) < set(every)
    assert any("bdd100k" in path for path in every) and not any("bdd100k" in path for path in own)


def test_what_snakemake_said_last_is_the_reason_unless_it_names_files() -> None:
    said = 'Building the graph.\n  File "Snakefile", line 1\nNo such rule.\n  File "Snakefile", line 2\n\n'
    assert plan._reason(said) == "No such rule."
    assert plan._reason(f"WorkflowError:\n    Two rules.\n{said}") == "Two rules."
    assert plan._reason(f"affected files:\n        a.json\n        b.json\n{said}") == "a.json, b.json"


def test_times_that_were_measured_replace_the_declared(
    empty: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(plan, "dry_run", lambda *_: Plan(Counter(make_split=3), {"make_split": 1.5}, 2))
    folder = Path("results/mini/benchmarks/make_split")
    folder.mkdir(parents=True)
    for fold, seconds in enumerate((6.0, 18.0)):
        (folder / f"cv_{fold}.tsv").write_text(f"s\tmax_rss\n{seconds}\t100\n")
    assert main(["plan", "tables"]) == 0
    total, rule = capsys.readouterr().out.splitlines()[1:]
    assert total.split() == ["tables", "3", "0.3", "2", "-"]
    assert rule.split() == ["make_split", "3", "x", "0.2", "min", "(measured)"]


def test_targets_are_what_the_setup_has() -> None:
    setup = load_setup("mini")
    assert targets(setup) == ["tables", *setup["tables"], "figures", "grid", "zoo"]
    del setup["flow"]["base"], setup["grid"]
    assert targets(setup) == ["tables", *setup["tables"], "figures"]


@pytest.mark.usefixtures("forked")
def test_minutes_that_are_not_known_are_not_given(empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "table2", "--setup", "paper", "--set", "data_root=made"]) == 1
    _, line, *_, last = capsys.readouterr().out.splitlines()
    assert line.split()[:4] == ["table2", "0", "0.0", "-"]
    assert "table2: nothing of it can be made without made/ovis/annotations_train.json" in line
    assert last.endswith("docs/cost.md has hours and disk at the paper's size.")
    declared = Plan(minutes={"predict": 3.0})
    assert plan._minutes("predict", declared, {}, small=True) == 3
    assert plan._minutes("predict", declared, {}, small=False) is None
    assert plan._minutes("predict", declared, {"predict": [(120.0, 0.0)]}, small=False) == 2
