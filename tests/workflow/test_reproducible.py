"""The same bytes from one core and from two, nothing to do the second time, and something to do after an edit."""

from pathlib import Path

import pytest
from workflow_runs import job_counts, link_workflow, snakemake

from instmove.config import load_setup
from instmove.datasets.synthetic.build import build_mini

pytestmark = pytest.mark.slow
CELLS = [f"results/smoke/metrics/motion/ovis_sub/{model}/seed0.json" for model in ("instmove", "kalman")]


def deterministic(folder: Path) -> dict[str, bytes]:
    """Metrics, samples, splits and trained weights; the record of the run is the one thing that may differ."""
    kinds = (".json", ".npz", ".safetensors", ".csv", ".zip")
    kept = [path for path in (folder / "results").rglob("*") if path.suffix in kinds]
    return {str(p.relative_to(folder)): p.read_bytes() for p in kept if not p.name.endswith(".run.json")}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """One folder run on one core, another on two, each with its own data."""
    generate = load_setup("smoke")["generate"]
    found = []
    for cores in (1, 2):
        folder = tmp_path_factory.mktemp(f"cores{cores}")
        build_mini(folder / "data/smoke", generate["seed"], {"ovis_train": generate["sizes"]["ovis_train"]})
        link_workflow(folder)
        done = snakemake(folder, "--cores", str(cores), *CELLS, "--config", "setup=smoke")
        assert done.returncode == 0, done.stdout
        found.append(folder)
    return found


def test_one_core_and_two_give_the_same_bytes(folders: list[Path]) -> None:
    first, second = map(deterministic, folders)
    assert {"results/smoke/splits/ovis_sub/val0.json", *CELLS} <= first.keys()
    assert any(name.endswith("model.safetensors") for name in first)
    assert first == second


def test_the_second_time_there_is_nothing_to_do(folders: list[Path]) -> None:
    done = snakemake(folders[0], "-n", *CELLS, "--config", "setup=smoke")
    assert "Nothing to be done" in done.stdout


def test_a_changed_setting_runs_what_depends_on_it_again(folders: list[Path]) -> None:
    changed = ["setup=smoke", "motion={training: {iterations: 3}}"]
    planned = job_counts(snakemake(folders[0], "-n", *CELLS, "--config", *changed).stdout)
    assert planned == {"train_motion": 1, "evaluate_motion": 2}
