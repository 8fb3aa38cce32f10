"""A failed workflow ends with the failed job's log and its exact command."""

from pathlib import Path

from workflow_runs import snakemake

WORKFLOW = """
from instmove.failures import explain_failure

rule all:
    input: "good.txt", "bad.txt"

rule good:
    output: "good.txt"
    log: "logs/good.log"
    shell: "touch {output}"

rule bad:
    input: "good.txt"
    output: "bad.txt"
    log: "logs/bad.log"
    shell:
        "(echo 'before  it' && echo 'the disk (number {config[number]}) is full' && echo && exit 3) > {log} 2>&1"
        " && touch {output}"

onerror:
    explain_failure(log)
"""

COMMAND = "(echo 'before  it' && echo 'the disk (number 7) is full' && echo && exit 3) > logs/bad.log 2>&1"


def test_log_and_command_are_in_the_last_five_lines(tmp_path: Path) -> None:
    (tmp_path / "Snakefile").write_text(WORKFLOW)
    done = snakemake(tmp_path, "--config", "number=7")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-3:] == [
        "bad failed: the disk (number 7) is full",
        "log:     logs/bad.log",
        f"command: {COMMAND} && touch bad.txt",
    ]


def test_a_failure_that_is_no_job_s_is_left_to_snakemake(tmp_path: Path) -> None:
    (tmp_path / "Snakefile").write_text(WORKFLOW)
    done = snakemake(tmp_path, "nothing.txt", "--config", "number=7")
    assert done.returncode == 1
    assert "MissingRuleException" in done.stdout
    assert "command: " not in done.stdout
