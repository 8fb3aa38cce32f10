from pathlib import Path

import pytest

from instmove.config import ROOT, load_setup
from instmove.errors import InstMoveError
from instmove.reporting.build import build_table
from instmove.reporting.cells import FULL_GRID, description_of, table_names
from instmove.reporting.measured import Measurements
from instmove.reporting.reference import check_reference
from instmove.reporting.tables import to_csv

TIDY = "dataset,metric,value,n\nd,iou,0.5,10\nd,map,0.25,10\n"
SHAPED = "Model,mAP\nRAFT,46.3\nother,\n"


def compare(tmp_path: Path, found: dict[str, str], expected: dict[str, str], **tolerances: float) -> list[str]:
    for folder, files in (("run", found), ("reference", expected)):
        for name, text in files.items():
            path = tmp_path / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    return check_reference(tmp_path / "run", tmp_path / "reference", {"": 0.01} | tolerances)


def test_equal_files_agree(tmp_path: Path) -> None:
    assert compare(tmp_path, {"a/t.csv": TIDY}, {"a/t.csv": TIDY}) == []


def test_a_number_may_differ_by_its_metrics_tolerance(tmp_path: Path) -> None:
    found = {"t.csv": TIDY.replace("0.5,", "0.53,").replace("0.25", "0.28")}
    assert compare(tmp_path, found, {"t.csv": TIDY}, iou=0.05) == ["t.csv:3: map value is 0.28, the reference has 0.25"]


def test_whole_numbers_and_texts_must_be_equal(tmp_path: Path) -> None:
    found = {"t.csv": TIDY.replace("d,iou,0.5,10", "e,iou,0.5,11")}
    problems = compare(tmp_path, found, {"t.csv": TIDY}, iou=5)
    assert problems == [
        "t.csv:2: iou dataset is e, the reference has d",
        "t.csv:2: iou n is 11, the reference has 10",
    ]


def test_paper_shaped_tables_are_percent(tmp_path: Path) -> None:
    assert compare(tmp_path, {"t.csv": SHAPED.replace("46.3", "47.2")}, {"t.csv": SHAPED}) == []
    problems = compare(tmp_path, {"t.csv": SHAPED.replace("46.3", "47.4")}, {"t.csv": SHAPED})
    assert problems == ["t.csv:2: mAP is 47.4, the reference has 46.3"]


def test_a_cell_that_became_empty_is_a_difference(tmp_path: Path) -> None:
    problems = compare(tmp_path, {"t.csv": SHAPED.replace("46.3", "")}, {"t.csv": SHAPED})
    assert problems == ["t.csv:2: mAP is empty, the reference has 46.3"]


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        ({}, "t.csv: missing from the run"),
        ({"t.csv": TIDY + "d,x,1,1\n"}, "t.csv: 3 rows, the reference has 2"),
        ({"t.csv": TIDY.replace("value", "score")}, "t.csv: header is"),
    ],
)
def test_shape_differs(found: dict[str, str], problem: str, tmp_path: Path) -> None:
    problems = compare(tmp_path, found, {"t.csv": TIDY})
    assert len(problems) == 1
    assert problems[0].startswith(problem)


def test_runs_are_not_compared(tmp_path: Path) -> None:
    found = {"t.csv": TIDY, "runs.csv": "run\na\n"}
    assert compare(tmp_path, found, {"t.csv": TIDY, "runs.csv": "run\nb\n"}) == []


def test_nothing_to_compare_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InstMoveError, match="no CSV to compare with"):
        check_reference(tmp_path, tmp_path, {})


@pytest.mark.parametrize("name", [name for name in table_names(load_setup("mini")) if name != FULL_GRID])
def test_the_committed_tables_have_the_columns_that_the_setup_asks_for(name: str, tmp_path: Path) -> None:
    made = build_table(name, description_of(load_setup("mini"), name), Measurements(tmp_path), seed=0)
    header = (ROOT / f"results/reference/mini/tables/{name}.csv").read_text(encoding="utf-8").splitlines()[0]
    kept = [column for column in header.split(",") if not column.endswith(" spread")]
    assert kept == to_csv(made).splitlines()[0].split(",")
