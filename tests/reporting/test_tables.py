import csv
import io
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instmove.reporting.tables import Cell, Column, Row, Table, escape_latex, to_csv, to_latex, to_markdown, write_table

TABLE = Table(
    "table0",
    "Two models & a pipe",
    (Column("mAP", "OVIS-Sub"), Column("IOU", "OVIS-Sub"), Column("IDSw", "BDD_100%", count=True)),
    (
        Row("A|B", "width 1/4", (Cell(0.6666, 0.6, 0.7, 67.8), Cell(0.5), Cell(12.0, paper=775, notes=(2,)))),
        Row("not run", "", (Cell(paper=30.6, notes=(1, 2)), Cell(), Cell())),
    ),
    ("First note.", "Second: 50 % of #1."),
    "7",
)


def test_csv_has_value_interval_and_paper_in_shown_units() -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(TABLE))))
    assert rows[0]["OVIS-Sub mAP"] == "66.7"
    assert (rows[0]["OVIS-Sub mAP low"], rows[0]["OVIS-Sub mAP high"], rows[0]["OVIS-Sub mAP paper"]) == (
        "60.0",
        "70.0",
        "67.8",
    )
    assert (rows[0]["BDD_100% IDSw"], rows[0]["BDD_100% IDSw paper"]) == ("12", "775")
    assert rows[1]["OVIS-Sub mAP"] == ""
    assert rows[1]["Notes"] == "First note. Second: 50 % of #1."


def test_markdown_is_a_table_with_a_paper_column_only_where_the_paper_has_numbers() -> None:
    lines = to_markdown(TABLE).splitlines()
    assert lines[0] == "**Table 7. Two models & a pipe**"
    assert lines[2] == "| Model | Variant | OVIS-Sub mAP | paper | OVIS-Sub IOU | BDD_100% IDSw | paper |"
    assert lines[4] == "| A\\|B | width 1/4 | 66.7 [60.0, 70.0] | 67.8 | 50.0 | 12 | 775<sup>2</sup> |"
    assert lines[5] == "| not run |  |  | 30.6<sup>1,2</sup> |  |  |  |"
    assert lines[-1] == "<sup>2</sup> Second: 50 % of #1."


def test_latex_is_balanced_ascii_with_equally_wide_rows() -> None:
    text = to_latex(TABLE)
    assert text.isascii()
    bare = re.sub(r"\\[{}]", "", text)
    assert bare.count("{") == bare.count("}")
    assert re.findall(r"\\begin{(\w+)}", text) == re.findall(r"\\end{(\w+)}", text)[::-1]
    spec = re.search(r"\\begin{tabular}{(.*)}", text)
    assert spec is not None
    width = len(spec.group(1).replace("|", ""))
    rows = [line for line in text.splitlines() if line.endswith(r"\\")]
    for row in rows:
        spans = [int(n) - 1 for n in re.findall(r"\\multicolumn{(\d+)}", row)]
        assert len(re.split(r"(?<!\\)&", row)) + sum(spans) == width
    assert len(rows) == 5


def test_latex_numbers_a_table_as_the_paper_does() -> None:
    """So that it is referred to by that number, and the number is not said twice."""
    assert "\\renewcommand{\\thetable}{7}\n\\caption{Two models \\& a pipe}\n" in to_latex(TABLE)
    assert "thetable" not in to_latex(replace(TABLE, number=""))


def test_latex_has_the_notes_below_by_the_numbers_on_the_cells() -> None:
    text = to_latex(TABLE)
    assert "& 775$^{2}$ \\\\" in text and "30.6$^{1,2}$" in text
    assert "\\par $^{1}$ First note.\n\\par $^{2}$ Second: 50 \\% of \\#1.\n" in text


def test_only_columns_of_several_seeds_say_their_spread() -> None:
    cells = (Cell(0.5), Cell(0.5, spread=0.01))
    table = Table("t", "c", (Column("A"), Column("B")), (Row("r", "", cells),))
    header, row = csv.reader(io.StringIO(to_csv(table)))
    assert header[2:] == ["A", "A low", "A high", "A paper", "B", "B low", "B high", "B paper", "B spread", "Notes"]
    assert len(row) == len(header) and row[-2] == "1.0"


def test_latex_uses_no_package() -> None:
    known = {
        *("begin", "end", "centering", "scriptsize", "setlength", "tabcolsep", "caption", "hline", "multicolumn"),
        *("tiny", "par", "renewcommand", "thetable"),
    }
    assert set(re.findall(r"\\([a-z]+)", to_latex(TABLE))) <= known


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126)))
def test_escaped_text_has_no_active_character(text: str) -> None:
    escaped = escape_latex(text)
    bare = re.sub(r"\\text\w+{}|\\[&%$#_{}]|\$[<>|]\$", "", escaped)
    assert not set(bare) & set("\\&%$#_{}~^<>")


def test_a_character_without_a_plain_form_is_refused() -> None:
    assert escape_latex("Δ±") == r"$\Delta$$\pm$"
    with pytest.raises(ValueError, match="LATEX_SPECIAL"):
        escape_latex("é")


def test_three_files_equal_bytes(tmp_path) -> None:  # type: ignore[no-untyped-def]
    for name in ("a", "b"):
        write_table(TABLE, tmp_path / name)
    first, second = (sorted((tmp_path / name).iterdir()) for name in ("a", "b"))
    assert [path.name for path in first] == ["table0.csv", "table0.md", "table0.tex"]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_differences_are_signed_and_zero_has_no_sign() -> None:
    column = Column("Δ AP", signed=True)
    assert [column.show(value) for value in (0.0124, -0.0356, -0.0001, None)] == ["+1.2", "-3.6", "0.0", ""]
    assert column.show_paper(1.5) == "+1.5"


def test_a_wide_table_is_broken_into_parts_in_latex_between_its_groups() -> None:
    columns = tuple(Column(f"m{n}", group) for group, count in (("A", 4), ("B", 3), ("C", 2)) for n in range(count))
    text = to_latex(Table("t", "c", columns, (Row("r", "", tuple(Cell(0.01 * n) for n in range(9))),)))
    assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") == 2
    first, second = text.split(r"\smallskip")
    assert "{A}" in first and "{B}" not in first
    assert "{B}" in second and "{C}" in second
    assert "0.0 & 1.0 & 2.0 & 3.0 \\\\" in first
