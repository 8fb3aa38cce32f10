"""docs/deviations.md comes from the comments of the setups."""

from pathlib import Path

import pytest

from instmove.config import ROOT, load_setup
from instmove.errors import InstMoveError
from instmove.reporting.deviations import Choice, deviations_text, read_choices
from instmove.verbs.make_deviations import current

COMMENTS = """
weight: 1.0
# Open: the weight
#   chosen: one,
#     as it is
#   why: not stated
#   setting: weight

  # Open: something else
  #   chosen: this
  #   why: that
"""


def test_the_page_is_the_one_that_the_comments_make() -> None:
    assert (ROOT / "docs/deviations.md").read_text() == current(), "run `instmove make-deviations`"


def test_every_setting_that_is_tried_is_told_of() -> None:
    told = {choice.setting for choice in read_choices(ROOT / "config/paper.yaml")} - {""}
    assert told == load_setup("mini")["sensitivity"]["settings"].keys()


def test_comments_become_rows_with_the_measured_effect(tmp_path: Path) -> None:
    config, measured = tmp_path / "some.yaml", tmp_path / "sensitivity.csv"
    config.write_text(COMMENTS)
    choices = read_choices(config)
    assert choices == [
        Choice("the weight", "one, as it is", "not stated", "weight"),
        Choice("something else", "this", "that"),
    ]
    assert "| the weight | one, as it is | not stated | not run |" in deviations_text(choices, measured)
    measured.write_text("setting,over_default\nweight,0.012\nweight,-0.004\nweight,\n")
    text = deviations_text(choices, measured)
    assert "| the weight | one, as it is | not stated | -0.4 to +1.2 |" in text
    assert text.endswith("| something else | this | that |  |\n")


def test_an_incomplete_choice_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "some.yaml").write_text("# Open: the weight\n#   chosen: one\n")
    with pytest.raises(InstMoveError, match=r"some.yaml: the comment 'Open: the weight' has no line 'why:'"):
        read_choices(tmp_path / "some.yaml")
