"""Setups: complete, validated, overridable, and errors a person can act on."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from instmove.config import flatten, host_settings, load_setup, nest, setups, typed
from instmove.errors import InstMoveError
from instmove.reporting.paper import paper_table


@pytest.mark.parametrize("name", setups())
def test_every_setup_is_valid_and_names_itself(name: str) -> None:
    assert load_setup(name)["setup"] == name


@pytest.mark.parametrize("name", setups())
def test_every_motion_model_and_checkpoint_is_for_something(name: str) -> None:
    """That what is called by name exists is checked whenever a setup is loaded."""
    setup = load_setup(name)
    used = {row["motion"] for table in setup["tables"].values() for row in table["rows"]}
    used |= {variant.get("model") for variant in setup["association"]["variants"].values()}
    assert setup["motion"]["models"].keys() <= used
    for name, host in setup["hosts"].items():
        on = [each for each in setup["benchmarks"].values() if name in each.get("hosts", [name])]
        assert host["checkpoints"].keys() == {benchmark["checkpoint"] for benchmark in on}


@pytest.mark.parametrize("name", setups())
def test_tables_name_rows_and_columns_of_the_paper(name: str) -> None:
    for table in load_setup(name)["tables"].values():
        paper = paper_table(table["table"])
        for row in table["rows"]:
            for column in table["columns"]:
                if "paper" in row and "paper" in column:
                    assert paper.value(row["paper"], column["paper"]) is not None


def test_unknown_setup() -> None:
    with pytest.raises(InstMoveError, match=r"setup 'mnii' does not exist; choose one of .*mini"):
        load_setup("mnii")


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("motion.canvs=64", r"unknown key 'canvs' at motion; did you mean 'canvas'\?"),
        ("dataroot=x", r"unknown key 'dataroot' at top level; did you mean 'data_root'\?"),
        ("motion.canvas=100", "motion.canvas: 100 is not a multiple of 16"),
        ("splits.ovis_sub.dataset=ovis_tran", r"splits.ovis_sub.dataset: 'ovis_tran' is not under datasets"),
        ("weights=borrowed", "weights: 'borrowed' is not one of"),
        ("splits.ovis.val=ovis_vald", r"splits.ovis.val: 'ovis_vald' is not under datasets"),
        ("splits.ovis_sub.val=ovis_valid", r"splits.ovis_sub"),
        ("splits.odd={dataset: ovis_train, rule: official, stride: 1}", r"splits.odd: 'val' is a required property"),
        ("hosts.idol.checkpoints.mini.train_on=[oviss]", r"hosts.idol.checkpoints.mini.train_on: 'oviss' is not under"),
        (
            "hosts.idol.checkpoints.other={file: x}",
            r"hosts.idol.checkpoints.other: 'dataset' is a dependency of 'file'",
        ),
        ("hosts.idol.checkpoints.other={}", r"hosts.idol.checkpoints.other: \{\} is not valid under any"),
        ("benchmarks.ovis.checkpoint=x", r"benchmarks.ovis.checkpoint: 'x' is not under hosts.minvis.checkpoints"),
        ("benchmarks.ovis.hosts=[minvi]", r"benchmarks.ovis.hosts: 'minvi' is not under hosts"),
        ("association.variants.x.model=raff", r"association.variants.x.model: 'raff' is not under motion.models"),
        ("association.top.minvi=3", r"unknown key 'minvi' at association.top; did you mean 'minvis'\?"),
        ("association.top.idol=3", r"unknown key 'idol' at association.top"),
        ("grid.videos=[sparse1]", r"grid.videos: 'sparse1' is not under grid.benchmarks"),
    ],
)
def test_wrong_settings_name_the_key(assignment: str, message: str) -> None:
    with pytest.raises(InstMoveError, match=message):
        load_setup("mini", nest([assignment]))


def test_what_a_checkpoint_says_replaces_what_its_host_says() -> None:
    setup = load_setup("mini", nest(["hosts.idol.checkpoints.mini.input={shortest: 64, longest: 99}"]))
    plain, own = setup["hosts"]["idol"], host_settings(setup, "idol", "mini")
    assert own == {key: value for key, value in plain.items() if key != "checkpoints"} | {
        "input": {"shortest": 64, "longest": 99}
    }
    with pytest.raises(InstMoveError, match="'x' is not under checkpoints in the setup; choose one of mini"):
        host_settings(setup, "idol", "x")


def test_overrides_reach_the_inside_and_leave_the_rest() -> None:
    setup = load_setup("mini", nest(["motion.training.iterations=7", "data_root=elsewhere"]))
    plain = load_setup("mini")
    assert setup["motion"]["training"] == {**plain["motion"]["training"], "iterations": 7}
    assert setup["data_root"] == "elsewhere"
    assert setup["flow"] == plain["flow"]


def test_flatten_undoes_nest() -> None:
    nested = {"seeds": [0, 1], "motion": {"canvas": 64, "training": {"lr": 0.5, "amp": True}}, "data_root": "a/b"}
    assert nest(flatten(nested)) == nested
    assert flatten(nested) == [
        "seeds=[0, 1]",
        "motion.canvas=64",
        "motion.training.lr=0.5",
        "motion.training.amp=true",
        "data_root=a/b",
    ]


PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec="utf-8"))


@settings(deadline=None)
@given(PLAIN | st.lists(PLAIN) | st.just({}))
@example(1e-5)
@example("1")
@example("x # y")
@example("\xa0")
@example("\x85")
@example("Jürgen")
def test_flatten_undoes_nest_whatever_the_value(value: object) -> None:
    """A job of the workflow is told its overrides so: a rate of 1e-05 must not arrive there as a text."""
    (assignment,) = flatten({"motion": {"lr": value}})
    assert nest([assignment]) == {"motion": {"lr": value}}


def test_a_number_without_its_point_is_told_how_to_be_written() -> None:
    said = r"motion\.training\.lr: '1e-5' is not of type 'number'; YAML wants 1\.0e-05"
    with pytest.raises(InstMoveError, match=said):
        load_setup("mini", nest(["motion.training.lr=1e-5"]))
    with pytest.raises(InstMoveError, match=r"'fast' is not of type 'number'$"):
        load_setup("mini", nest(["motion.training.lr=fast"]))


def test_texts_are_read_as_yaml_however_deep_they_lie() -> None:
    """Snakemake gives every value inside of a list or a mapping as a text."""
    given = {
        "seeds": ["0", "1"],
        "motion": {"canvas": "64", "training": {"amp": "true"}},
        "threads": 2,
        "device": "cpu",
    }
    assert typed(given) == {
        "seeds": [0, 1],
        "motion": {"canvas": 64, "training": {"amp": True}},
        "threads": 2,
        "device": "cpu",
    }
    with pytest.raises(InstMoveError, match="setting '@x' is not valid YAML"):
        nest(["data_root=@x"])


def test_set_wants_an_assignment() -> None:
    with pytest.raises(InstMoveError, match="expected KEY=VALUE"):
        nest(["canvas"])
