"""The rules: what each must declare, and what Snakemake makes of them in every setup."""

import ast
import re
import shlex
import time
from pathlib import Path

import pytest
import yaml
from workflow_runs import job_counts, link_workflow, pretend_all_is_there, snakemake

from instmove.cli import verbs
from instmove.config import ROOT, load_setup, setups

RULE = re.compile(r"^( *)rule (\w+):\n(.*?)(?=^ *rule |^\S|\Z)", re.MULTILINE | re.DOTALL)
DIRECTIVE = re.compile(r"^ +(\w+):", re.MULTILINE)
RULES = {
    name: body
    for path in sorted((ROOT / "workflow/rules").glob("*.smk"))
    for _, name, body in RULE.findall(path.read_text(encoding="utf-8"))
}
ONCE = ("train_", "flow_base", "finetune_flow", "label_flow", "fetch_download")
"""What takes hours or days and is kept when code changes: the record beside weights says which code made them."""


def shell_of(body: str) -> str:
    """The command of a rule, whose last directive it is."""
    return ast.literal_eval(f"(\n{body.partition('shell:')[2].strip()}\n)")


@pytest.mark.parametrize("name", RULES)
def test_a_rule_declares_everything(name: str) -> None:
    declared = set(DIRECTIVE.findall(RULES[name]))
    assert {"output", "log", "threads", "resources", "benchmark", "conda", "shell"} <= declared
    assert all(re.search(rf"\b{resource}=\d+", RULES[name]) for resource in ("runtime", "mem_mb", "disk_mb"))
    assert f"/logs/{name}" in RULES[name] and f"/benchmarks/{name}" in RULES[name]


@pytest.mark.parametrize("name", [name for name in RULES if not name.startswith(ONCE)])
def test_a_rule_runs_again_after_its_code_has_changed(name: str) -> None:
    assert re.search(r"\bcode=(code|module)_digest\(", RULES[name])


def test_no_input_is_ancient() -> None:
    """Snakemake 9.27 (dag.py, update_needrun) does not ask for changed params below a job that runs again.

    Such a rule would keep, without a word, what it made with the old settings.
    """
    assert not [path for path in (ROOT / "workflow").rglob("*.smk") if "ancient(" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_one_verb_that_writes_to_its_log(name: str) -> None:
    command = shell_of(RULES[name])
    program, verb = command.split()[:2]
    assert program == "instmove"
    assert verb in {entry.name for entry in verbs()}
    assert command.endswith(" > {log} 2>&1")
    assert not re.search(r"[\n;|]|&&", command)


def test_the_cluster_knows_what_every_rule_needs() -> None:
    """A rule's own numbers are those of the mini setup."""
    profile = yaml.safe_load((ROOT / "profiles/slurm/config.yaml").read_text(encoding="utf-8"))
    assert profile["set-resources"].keys() == RULES.keys()
    for resources in profile["set-resources"].values():
        assert all(resources[name].endswith(" * attempt") for name in ("runtime", "mem_mb"))


def test_the_snakefile_has_targets_only() -> None:
    text = (ROOT / "Snakefile").read_text(encoding="utf-8")
    assert not {"shell", "run", "script", "output"} & set(DIRECTIVE.findall(text))
    assert "explain_failure(log)" in text


@pytest.mark.parametrize("name", setups())
def test_every_table_of_a_setup_is_planned(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link_workflow(tmp_path)
    monkeypatch.chdir(tmp_path)
    pretend_all_is_there(load_setup(name))
    done = snakemake(tmp_path, "-n", "tables", "--config", f"setup={name}")
    assert done.returncode == 0, done.stdout
    outputs = set(re.findall(r"[^\s,]+", " ".join(re.findall(r"^    output: (.*)$", done.stdout, re.MULTILINE))))
    results = f"results/{name}"
    tables = load_setup(name)["tables"]
    assert tables
    assert {f"{results}/tables/{table}{kind}" for table in tables for kind in (".csv", ".md", ".tex")} <= outputs
    assert {f"{results}/metrics.csv", f"{results}/runs.csv"} <= outputs
    assert all(path.startswith(results) for path in outputs if not path.endswith("/mini.json"))
    assert job_counts(done.stdout).keys() <= {*RULES, "tables"}


def test_tables_are_made_of_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link_workflow(tmp_path)
    monkeypatch.chdir(tmp_path)
    pretend_all_is_there(load_setup("paper"))
    for path in ("checkpoints/pcan_bdd100k_R50.pth", "checkpoints/raft-things.pth", "data/paper/ytvis_2022/valid.json"):
        Path(path).unlink()
    started = time.monotonic()
    done = snakemake(tmp_path, "-n", "tables", "--config", "setup=paper")
    assert done.returncode == 0, done.stdout
    assert time.monotonic() - started < 20, "ten seconds on a machine that has nothing else to do"
    planned = set(re.findall(r"results/paper/[^\s,]+", done.stdout))
    assert {f"results/paper/tables/table{n}.csv" for n in (1, 2, 4, 5, 6, 7, 8, 9)} <= planned
    assert "results/paper/tables/table3.csv" not in planned
    assert not {path for path in planned if "/pcan/" in path or "ytvis_long" in path or "/raft" in path}
    said = done.stdout.splitlines()
    assert "  table3   left out, none of its 4 results can be made" in said
    assert "  table4   2 of 4 results, without pcan on bdd" in said
    assert "  table8   whole" in said
    assert "  pcan, bdd (checkpoints/pcan_bdd100k_R50.pth), for table4, grid" in said


def test_a_table_of_which_nothing_can_be_made_says_what_is_missing(tmp_path: Path) -> None:
    link_workflow(tmp_path)
    done = snakemake(tmp_path, "-n", "table5", "--config", "setup=paper")
    assert done.returncode == 1
    (line,) = [line.strip() for line in done.stdout.splitlines() if "nothing of it" in line]
    assert line.startswith("table5: nothing of it can be made without data/paper/bdd100k/images/seg_track_20/train, ")
    assert line.endswith(
        "and 3 more; docs/paper-scale.md says where they come from, data_root is the folder that holds them"
    )


def test_the_data_root_may_start_at_home_and_a_setting_have_an_apostrophe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    link_workflow(tmp_path)
    settings = ("setup=smoke", "data_root=~/it's here")
    planned = snakemake(tmp_path, "-n", "-p", "make_mini", "--config", *settings).stdout
    assert f"output: {tmp_path}/home/it's here/mini.json" in planned, planned
    (command,) = re.findall(r"instmove make-mini .*", planned)
    assert "data_root=~/it's here" in shlex.split(command)


def test_an_unknown_setting_is_one_line_with_the_nearest_key(tmp_path: Path) -> None:
    link_workflow(tmp_path)
    done = snakemake(tmp_path, "-n", "tables", "--config", "motoin=1")
    assert done.returncode == 1
    (line,) = [line for line in done.stdout.splitlines() if "motoin" in line and "Command:" not in line]
    assert line == "config/mini.yaml with overrides: unknown key 'motoin' at top level; did you mean 'motion'?"
    assert "Traceback" not in done.stdout
