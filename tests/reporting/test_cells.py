from pathlib import Path
from typing import Any

import pytest

from instmove.config import load_setup
from instmove.errors import InstMoveError
from instmove.reporting.cells import (
    FULL_GRID,
    GRID,
    VOS,
    Result,
    available,
    available_results,
    description_of,
    predictions_folder,
    result_of,
    results_of,
    seeds_of,
    table_names,
)

COLUMN = {"label": "AP", "benchmark": "ovis", "metric": "AP"}


@pytest.fixture(scope="module")
def mini() -> dict[str, Any]:
    return load_setup("mini")


def test_a_result_lies_where_decisions_say() -> None:
    assert Result("idol", "ovis", "kalman", 3).path == Path("metrics/idol/ovis/kalman/seed3.json")


def test_the_row_wins_over_the_column_and_the_column_over_the_table() -> None:
    description = {"host": "idol", "benchmark": "sparse1", "motion": "none"}
    assert result_of(description, {"label": "", "motion": "raft"}, COLUMN, 0) == Result("idol", "ovis", "raft", 0)


def test_a_field_that_nobody_gives_is_an_error_that_names_the_cell() -> None:
    with pytest.raises(InstMoveError, match=r"row 'IDOL', column 'AP' of a table: 'host' is missing"):
        result_of({}, {"label": "IDOL", "motion": "none"}, COLUMN, 0)


def test_results_of_several_columns_and_seeds_are_listed_once() -> None:
    row = {"label": "", "host": "idol", "motion": "none"}
    found = results_of({"rows": [row], "columns": [COLUMN, COLUMN | {"metric": "AP50"}]}, [0, 1])
    assert found == [Result("idol", "ovis", "none", 0), Result("idol", "ovis", "none", 1)]


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (Result("idol", "ovis", "kalman", 0), True),
        (Result("crossvis", "sparse3", "none", 0), False),  # Table 9 has two hosts
        (Result("idol", "ovis", "instmove_release", 0), False),  # of MinVIS alone
        (Result("minvis", "ovis", "instmove_release", 0), True),
        (Result("idol", "ovis", "nothing", 0), False),
        (Result("idol", "nowhere", "none", 0), False),
        (Result("stcn", "ovis", "none", 0), False),
        (Result("motion", "ovis_sub", "copy", 0), True),
        (Result("motion", "ovis_sub", "none", 0), False),
    ],
)
def test_what_a_setup_can_make(mini: dict[str, Any], result: Result, expected: bool) -> None:
    assert available(mini, result) is expected


def test_oracles_need_the_truth() -> None:
    paper = load_setup("paper")
    oracles = ("oracle", "oracle_association")
    found = {result.benchmark for result in available_results(paper, FULL_GRID) if result.motion in oracles}
    assert found == {"ovis_sub", "ovis_sub_sparse", "bdd", "davis"}, "not OVIS, YTVIS-Long and YouTube-VOS"


@pytest.mark.parametrize(
    ("setting", "expected"), [({"past": [2, 3]}, True), ({"weight": 0.5}, False), ({"from_frame": 2}, False)]
)
def test_settings_of_an_association_make_no_row_of_stcn(setting: dict[str, Any], expected: bool) -> None:
    setup = load_setup("mini", {"association": {"variants": {"named": {"model": "instmove", **setting}}}})
    assert available(setup, Result("stcn", "davis", "named", 0)) is expected
    assert available(setup, Result("idol", "ovis", "named", 0))


def test_the_tables_of_mini_have_the_papers_rows_on_the_papers_benchmarks(mini: dict[str, Any]) -> None:
    wanted = {
        "table1": {(host, "ovis_sub_sparse", "instmove") for host in ("crossvis", "minvis", "idol")},
        "table3": {("minvis", "ytvis_long", "none"), ("idol", "ytvis_long", "instmove")},
        "table8": {("idol", "ovis", "kalman"), ("idol", "ovis_sub", "instmove_no_image")},
        "table9": {("idol", name, "raft") for name in ("sparse1", "sparse3", "ovis_sub_sparse", "sparse7")},
    }
    for table, cells in wanted.items():
        assert cells <= {result[:3] for result in available_results(mini, table)}


def test_the_grid_is_every_host_on_every_benchmark_and_the_full_one_has_the_oracles(mini: dict[str, Any]) -> None:
    short, full = (available_results(mini, name) for name in (GRID, FULL_GRID))
    assert len(short) == 3 * 4 * 3 + 2 * 3 + 2 * 3 * 3, "VIS on four benchmarks, MOTS on BDD100K, VOS on two, thrice"
    assert set(short) < set(full)
    assert {result.motion for result in set(full) - set(short)} == {
        "constant_velocity",
        "raft",
        "oracle",
        "oracle_association",
    }


def test_the_branches_of_stcn_have_seeds_of_their_own_in_every_table(mini: dict[str, Any]) -> None:
    other = mini | {"seeds": [3]}
    for table in ("table6", GRID):
        seeds = {(result.host == VOS, result.seed) for result in available_results(other, table)}
        assert seeds == {(True, 0), (True, 1), (True, 2)} | ({(False, 3)} if table == GRID else set())
    assert seeds_of({"seeds": [3]}, VOS) == [3], "unless the setup says none"


def test_an_unknown_table_is_an_error_with_the_known_ones(mini: dict[str, Any]) -> None:
    with pytest.raises(InstMoveError, match=r"'table10' is not a table .* table9, grid, grid_full"):
        description_of(mini, "table10")
    assert GRID not in table_names(load_setup("davis16"))


def test_motions_share_the_predictions_of_their_host(mini: dict[str, Any]) -> None:
    folders = {predictions_folder(mini, Result("idol", "sparse1", motion, 0)) for motion in ("none", "raft")}
    assert folders == {Path("predictions/idol/mini/ovis_sub")}


def test_a_setup_on_other_data_than_the_papers_says_so_in_every_table(mini: dict[str, Any]) -> None:
    assert all(description_of(mini, name)["notes"][0] == mini["about"] for name in table_names(mini))
    assert "about" not in load_setup("paper")
