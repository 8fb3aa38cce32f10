"""Trials of the plug-in's settings: which variants they make, and what is told of them."""

import csv
import io
from pathlib import Path

import pytest
from fabricated import write_tracking
from made_up import make_dataset

from instmove.config import load_setup
from instmove.errors import InstMoveError
from instmove.reporting.cells import Result, table_names
from instmove.reporting.cells import description_of as described
from instmove.reporting.measured import Measurements
from instmove.reporting.sensitivity_plots import measure_trials, plot_sensitivity, sensitivity_csv
from instmove.reporting.trials import sensitivity_results
from instmove.sensitivity import trials


def test_a_trial_is_a_variant_that_differs_in_one_setting() -> None:
    setup = load_setup("mini")
    variants, base = setup["association"]["variants"], setup["association"]["variants"]["instmove"]
    for trial in trials(setup):
        own = variants[trial.variant]
        changed = {key for key in {*own, *base} if own.get(key) != base.get(key)}
        assert changed == (set() if trial.default else {trial.setting})
    assert [trial.default for trial in trials(setup)].count(True) == 4, "each setting has its default among its values"
    assert variants["instmove_weight_0.25"] == {"model": "instmove", "weight": 0.25}


def test_trials_are_in_no_table() -> None:
    setup = load_setup("mini")
    tried = {trial.variant for trial in trials(setup) if not trial.default}
    for table in table_names(setup):
        assert not tried & {row["motion"] for row in described(setup, table)["rows"]}


def test_every_host_that_can_is_tried() -> None:
    hosts = {result.host for _, result, _ in sensitivity_results(load_setup("mini"))}
    assert {"minvis", "idol", "crossvis"} <= hosts


def test_the_effect_is_told_against_no_motion_and_against_the_default(tmp_path: Path) -> None:
    setup = load_setup("mini")
    dataset = make_dataset(tmp_path / "frames", videos=8, tracks=4)
    swaps = {"none": 4, "instmove": 1, "instmove_weight_0.25": 3, "instmove_weight_2.0": 0}
    results = {Result("idol", "ovis_sub_sparse", motion, 0): count for motion, count in swaps.items()}
    write_tracking(tmp_path, dataset, results)
    tried = measure_trials(setup, Measurements(tmp_path, draws=50))
    lines = list(csv.DictReader(io.StringIO(sensitivity_csv(tried))))
    mine = {line["value"]: line for line in lines if (line["setting"], line["host"]) == ("weight", "idol")}
    assert float(mine["2.0"]["gain"]) > float(mine["1.0"]["gain"]) > 0 and mine["1.0"]["default"] == "yes"
    assert float(mine["0.25"]["over_default"]) < 0 and mine["1.0"]["over_default"] == ""
    assert mine["0.5"]["score"] == "", "what was not run is empty"
    plot_sensitivity(tried, tmp_path / "a")
    plot_sensitivity(tried, tmp_path / "b")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_a_trial_of_an_unknown_variant_is_an_error() -> None:
    with pytest.raises(InstMoveError, match=r"sensitivity.variant: 'instmoev' is not under association.variants"):
        load_setup("mini", {"sensitivity": {"variant": "instmoev"}})
