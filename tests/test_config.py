"""Setups: complete, validated, overridable, and errors a person can act on."""

import pytest

from instmove.config import flatten, load_setup, nest, setups
from instmove.errors import InstMoveError


@pytest.mark.parametrize("name", setups())
def test_every_setup_is_valid_and_names_itself(name: str) -> None:
    assert load_setup(name)["setup"] == name


@pytest.mark.parametrize("name", setups())
def test_what_a_setup_refers_to_exists(name: str) -> None:
    setup = load_setup(name)
    tables = setup["motion_tables"]
    assert {split["dataset"] for split in setup["splits"].values()} <= setup["datasets"].keys()
    assert set(tables["columns"].values()) <= setup["splits"].keys()
    rows = {model for table in ("table2", "table7") for model in tables[table].values()}
    assert rows - {None} <= setup["motion"]["models"].keys()


def test_unknown_setup() -> None:
    with pytest.raises(InstMoveError, match=r"setup 'mnii' does not exist; choose one of .*mini"):
        load_setup("mnii")


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("motion.canvs=64", r"unknown key 'canvs' at motion; did you mean 'canvas'\?"),
        ("dataroot=x", r"unknown key 'dataroot' at top level; did you mean 'data_root'\?"),
        ("motion.canvas=100", "motion.canvas: 100 is not a multiple of 16"),
        ("weights=borrowed", "weights: 'borrowed' is not one of"),
    ],
)
def test_wrong_settings_name_the_key(assignment: str, message: str) -> None:
    with pytest.raises(InstMoveError, match=message):
        load_setup("mini", nest([assignment]))


def test_overrides_reach_the_inside_and_leave_the_rest() -> None:
    setup = load_setup("mini", nest(["motion.training.iterations=7", "data_root=elsewhere"]))
    plain = load_setup("mini")
    assert setup["motion"]["training"] == {**plain["motion"]["training"], "iterations": 7}
    assert setup["data_root"] == "elsewhere"
    assert setup["flow"] == plain["flow"]


def test_flatten_undoes_nest() -> None:
    nested = {"seeds": [0, 1], "motion": {"canvas": 64, "training": {"lr": 0.5, "amp": True}}, "data_root": "a/b"}
    assert nest(flatten(nested)) == nested


def test_set_wants_an_assignment() -> None:
    with pytest.raises(InstMoveError, match="expected KEY=VALUE"):
        nest(["canvas"])
