"""The tutorial: somebody's motion model, from its file to a row in the tables."""

import csv
import re
from pathlib import Path

import pytest
from workflow_runs import job_counts, link_workflow, snakemake

from instmove.cli import main
from instmove.config import ROOT, load_setup
from instmove.datasets.synthetic.build import build_mini
from instmove.errors import InstMoveError
from instmove.motion.own import load_own
from instmove.reporting.cells import available_results, description_of

TUTORIAL = (ROOT / "docs/your-motion-model.md").read_text(encoding="utf-8")
CELL = "results/smoke/metrics/motion/ovis_sub/drift/seed0.json"


def configuration() -> str:
    """The tutorial's --config."""
    (found,) = re.findall(r"table2 --config '(.*)'", TUTORIAL)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the tutorial was followed, in the smoke setup; a few seconds."""
    made = tmp_path_factory.mktemp("tutorial")
    (code,) = re.findall(r"```python\n(.*?)```", TUTORIAL, re.DOTALL)
    (made / "my_motion.py").write_text(code)
    generate = load_setup("smoke")["generate"]
    build_mini(made / "data/smoke", generate["seed"], {"ovis_train": generate["sizes"]["ovis_train"]})
    link_workflow(made)
    done = snakemake(made, CELL, "--config", "setup=smoke", configuration())
    assert done.returncode == 0, done.stdout
    return made


def test_the_model_is_a_row_of_table_2(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    entry = '{kind: own, class: "my_motion.py:Drift", label: Drift}'
    arguments = ["--setup", "smoke", "--set", f"motion.models.drift={entry}", "--results", "results/smoke"]
    assert main(["make-table", "table2", *arguments]) == 0
    rows = {row["Model"]: row for row in csv.DictReader((folder / "results/smoke/tables/table2.csv").open())}
    assert 0 < float(rows["Drift"]["OVIS-Sub IOU"]) <= 100


def test_an_edited_model_runs_again(folder: Path) -> None:
    ask = ["-n", CELL, "--config", "setup=smoke", configuration()]
    assert "Nothing to be done" in snakemake(folder, *ask).stdout
    file = folder / "my_motion.py"
    file.write_text(file.read_text().replace("0.9", "0.8"))
    assert job_counts(snakemake(folder, *ask).stdout) == {"evaluate_motion": 1}


def test_every_host_and_the_grid_get_it_too() -> None:
    drift = {"kind": "own", "class": "my_motion.py:Drift", "label": "Drift"}
    setup = load_setup("mini", {"motion": {"models": {"drift": drift}}})
    for table, labels in {
        "table1": {"CrossVIS+Drift", "MinVIS+Drift", "IDOL+Drift"},
        "table2": {"Drift"},
        "table4": {"PCAN+Drift", "Unicorn+Drift"},
        "table6": {"Drift"},
        "table8": {"Drift"},
        "table9": {"MinVIS+Drift", "IDOL+Drift"},
        "grid": {"CrossVIS", "MinVIS", "IDOL", "PCAN", "Unicorn", "STCN"},
    }.items():
        assert {row["label"] for row in description_of(setup, table)["rows"] if row["motion"] == "drift"} == labels
    assert "drift" in description_of(setup, "table2")["differences"]["of"]


def test_a_named_weight_is_a_row_where_there_are_hosts_and_for_its_hosts_alone() -> None:
    variant = {"model": "instmove", "weight": 0.5, "hosts": ["idol"], "label": "half"}
    setup = load_setup("mini", {"association": {"variants": {"half": variant}}})
    rows = [row for row in description_of(setup, "table1")["rows"] if row["motion"] == "half"]
    assert [row["label"] for row in rows] == ["IDOL+half"]
    assert not [row for row in description_of(setup, "table2")["rows"] if row["motion"] == "half"]
    assert "half" in {result.motion for result in available_results(setup, "table8")}


def test_seeds_multiply_only_what_is_trained_for_each() -> None:
    setup = load_setup("mini", {"seeds": [0, 1, 2]})
    seeds: dict[str, set[int]] = {}
    for table in ("table1", "table2", "table9"):
        for result in available_results(setup, table):
            seeds.setdefault(result.motion, set()).add(result.seed)
    trained = ("instmove", "instmove_paper", "raft_finetuned", "instmove_release")
    assert {name: seeds[name] for name in trained} == {name: {0, 1, 2} for name in trained}
    assert all(seeds[name] == {0} for name in ("none", "copy", "kalman", "constant_velocity"))


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", "none.py:Drift", "none.py: not a Python file"),
        ("class Other: pass", "mine.py:Drift", "has no class 'Drift'"),
        ("class Drift: pass", "mine.py:Drift", "has no class 'Drift' that is a MotionModel"),
    ],
)
def test_a_wrong_class_is_one_line(
    text: str, place: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.py").write_text(text)
    with pytest.raises(InstMoveError, match=message):
        load_own(place)
