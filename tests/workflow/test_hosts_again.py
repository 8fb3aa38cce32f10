"""What runs again when a setting of the hosts changes, and what does not."""

import os
from pathlib import Path

import pytest
from workflow_runs import job_counts, link_workflow, snakemake

CELLS = [
    f"results/smoke/metrics/{host}/ovis_sub/{motion}/seed0.json"
    for host, motion in (("minvis", "none"), ("minvis", "kalman"), ("minvis", "instmove"), ("crossvis", "kalman"))
] + [f"results/smoke/metrics/{cell}/seed0.json" for cell in ("motion/ovis_sub/kalman", "stcn/davis/instmove")]
SETUP = ("--config", "setup=smoke")


PRETENDER = """#!/bin/sh
# Writes empty files in place of every output.
mkdir -p data/smoke && touch data/smoke/mini.json
while [ $# -gt 0 ]; do
    case "$1 $2" in
        "--train "*|"--val "*) touch "$2" ;;
        "--output "*.json) touch "$2" "${2%.json}.run.json" "${2%.json}.results.zip" "${2%.json}.samples.npz" ;;
        "--output "*) mkdir -p "$2" && touch "$2/model.safetensors" "$2/log.csv" "$2/index.json" ;;
    esac
    shift
done
"""


@pytest.fixture(scope="module")
def pretender(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PATH on which ``instmove`` is the program above."""
    program = tmp_path_factory.mktemp("bin") / "instmove"
    program.write_text(PRETENDER)
    program.chmod(0o755)
    return f"{program.parent}:{os.environ['PATH']}"


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, pretender: str) -> Path:
    """A folder in which Snakemake believes that it has made the cells."""
    folder = tmp_path_factory.mktemp("hosts")
    link_workflow(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", pretender)
        made = snakemake(folder, *CELLS, *SETUP)
    assert made.returncode == 0, made.stdout
    assert "Nothing to be done" in snakemake(folder, "-n", *CELLS, *SETUP).stdout
    return folder


@pytest.mark.parametrize(
    ("setting", "again"),
    [
        ("association={variants: {kalman: {weight: 0.5}}}", {"associate": 2}),
        ("hosts={crossvis: {tracker: {match: 0.5}}}", {"associate": 1}),
        ("hosts={minvis: {input: {shortest: 64}}}", {"predict": 1, "associate": 3}),
        ("hosts={crossvis: {training: {iterations: 3}}}", {"train_host": 1, "predict": 1, "associate": 1}),
        ("motion={models: {kalman: {kind: copy}}}", {"associate": 2, "evaluate_motion": 1}),
        (
            "motion={training: {iterations: 3}}",
            {"train_motion": 2, "associate": 1, "evaluate_motion": 1, "train_vos": 1, "segment": 1},
        ),
        ("association={past: [2, 3]}", {"associate": 4, "train_vos": 1, "segment": 1}),
    ],
)
def test_what_depends_on_a_setting_runs_again(done: Path, setting: str, again: dict[str, int]) -> None:
    assert job_counts(snakemake(done, "-n", *CELLS, *SETUP, setting).stdout) == again


@pytest.mark.parametrize(
    "setting",
    [
        "association={variants: {half: {model: instmove, weight: 0.5, label: Kalman's half}}}",
        "motion={models: {drift: {kind: own, class: 'my_motion.py:Drift'}}}",
    ],
)
def test_what_is_added_runs_nothing_else_again(done: Path, setting: str) -> None:
    assert "Nothing to be done" in snakemake(done, "-n", *CELLS, *SETUP, setting).stdout


def test_a_motion_model_of_ones_own_runs_again_once_edited(
    done: Path, pretender: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = "results/smoke/metrics/stcn/davis/drift/seed0.json"
    models, variants = "{drift: {kind: own, class: 'my_motion.py:Drift'}}", "{drift: {model: drift}}"
    own = (f"motion={{models: {models}}}", f"association={{variants: {variants}}}")
    (done / "my_motion.py").write_text("class Drift: pass\n")
    with monkeypatch.context() as patch:
        patch.setenv("PATH", pretender)
        assert snakemake(done, cell, *SETUP, *own).returncode == 0
    assert "Nothing to be done" in snakemake(done, "-n", cell, *SETUP, *own).stdout
    (done / "my_motion.py").write_text("class Drift: speed = 1\n")
    assert job_counts(snakemake(done, "-n", cell, *SETUP, *own).stdout) == {"segment": 1}


def test_a_servers_scores_have_the_name_of_a_result(done: Path) -> None:
    scores = done / "results/smoke/server_scores/minvis_ovis_kalman_seed0.json"
    scores.parent.mkdir()
    scores.write_text('{"AP": 30.7}')
    assert "Nothing to be done" in snakemake(done, "-n", *CELLS, *SETUP).stdout
    wrong = scores.rename(scores.with_name("MinVIS_ovis_kalman_seed0.json"))
    refused = snakemake(done, "-n", *CELLS, *SETUP)
    assert refused.returncode == 1 and f"did you mean {scores.name}?" in refused.stdout
    wrong.unlink()


def test_benchmarks_share_the_predictions_of_a_frame(tmp_path: Path) -> None:
    link_workflow(tmp_path)
    shared = ("ovis_sub", "sparse1", "sparse3", "sparse7")
    cells = [f"results/smoke/metrics/minvis/{benchmark}/none/seed0.json" for benchmark in shared]
    counts = job_counts(snakemake(tmp_path, "-n", *cells, *SETUP).stdout)
    assert (counts["predict"], counts["associate"]) == (1, 4)


def test_weights_are_the_authors_where_there_are_some(tmp_path: Path) -> None:
    link_workflow(tmp_path)
    (tmp_path / "checkpoints").mkdir()
    for name in ("minvis_ovis_R50.pth", "mask2former_coco_R50.pkl", "condinst_coco_R50.pth"):
        (tmp_path / f"checkpoints/{name}").touch()
    cells = ("minvis/ovis", "crossvis/ovis", "minvis/ovis_sub_sparse")
    files = [f"results/paper/metrics/{cell}/none/seed0.json" for cell in cells]
    counts = job_counts(snakemake(tmp_path, "-n", *files, "--config", "setup=paper").stdout)
    assert (counts["import_host"], counts["train_host"]) == (1, 2)


def test_the_zoo_ships_hosts_and_what_tables_plug_in(tmp_path: Path) -> None:
    link_workflow(tmp_path)
    counts = job_counts(snakemake(tmp_path, "-n", "zoo", *SETUP).stdout)
    assert (counts["ship_flow"], counts["ship_host"]) == (1, 5)
    assert counts["ship_motion"] == counts["train_motion"] >= 4
