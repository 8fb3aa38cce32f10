"""The rules: what each must declare, and what Snakemake makes of them in every setup."""

import ast
import re
from pathlib import Path

import pytest
from workflow_runs import job_counts, link_workflow, snakemake

from instmove.cli import verbs
from instmove.config import ROOT, load_setup, setups

RULE = re.compile(r"^( *)rule (\w+):\n(.*?)(?=^ *rule |^\S|\Z)", re.MULTILINE | re.DOTALL)
DIRECTIVE = re.compile(r"^ +(\w+):", re.MULTILINE)
RULES = {
    name: body
    for path in sorted((ROOT / "workflow/rules").glob("*.smk"))
    for _, name, body in RULE.findall(path.read_text(encoding="utf-8"))
}


def shell_of(body: str) -> str:
    """The command of a rule, whose last directive it is."""
    return ast.literal_eval(f"(\n{body.partition('shell:')[2].strip()}\n)")


@pytest.mark.parametrize("name", RULES)
def test_a_rule_declares_everything(name: str) -> None:
    declared = set(DIRECTIVE.findall(RULES[name]))
    assert {"output", "log", "threads", "resources", "benchmark", "conda", "shell"} <= declared
    assert all(re.search(rf"\b{resource}=\d+", RULES[name]) for resource in ("runtime", "mem_mb", "disk_mb"))
    assert f"/logs/{name}" in RULES[name] and f"/benchmarks/{name}" in RULES[name]


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_one_verb_that_writes_to_its_log(name: str) -> None:
    command = shell_of(RULES[name])
    program, verb = command.split()[:2]
    assert program == "instmove"
    assert verb in {entry.name for entry in verbs()}
    assert command.endswith(" > {log} 2>&1")
    assert not re.search(r"[\n;|]|&&", command)


def test_the_snakefile_has_targets_only() -> None:
    text = (ROOT / "Snakefile").read_text(encoding="utf-8")
    assert not {"shell", "run", "script", "output"} & set(DIRECTIVE.findall(text))
    assert "explain_failure(log)" in text


def without_files_from_others() -> list[str]:
    """Setups that need no checkpoint that only its authors can give."""
    return [name for name in setups() if "checkpoint" not in load_setup(name)["flow"]]


@pytest.mark.parametrize("name", without_files_from_others())
def test_every_table_of_a_setup_is_planned(name: str, tmp_path: Path) -> None:
    link_workflow(tmp_path)
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


def test_an_unknown_setting_is_one_line_with_the_nearest_key(tmp_path: Path) -> None:
    link_workflow(tmp_path)
    done = snakemake(tmp_path, "-n", "tables", "--config", "motoin=1")
    assert done.returncode == 1
    (line,) = [line for line in done.stdout.splitlines() if "motoin" in line and "Command:" not in line]
    assert line == "config/mini.yaml with overrides: unknown key 'motoin' at top level; did you mean 'motion'?"
    assert "Traceback" not in done.stdout
