"""Every setting of the paper setup says where it comes from."""

import re
from collections.abc import Iterator

import pytest
import yaml

from instmove.config import CONFIG_FOLDER, load_setup, motion_on, nest
from instmove.errors import InstMoveError

TEXT = (CONFIG_FOLDER / "paper.yaml").read_text(encoding="utf-8")
LINES = TEXT.splitlines()
SECTIONS = ("motion", "flow", "hosts", "association", "vos")
SOURCE = re.compile(r"Sec\. \d|App\. [AB]|Tables? \d|[\w./-]+\.(py|sh|yaml|md)\b|@[0-9a-f]{7}|\bours\b")


def has_source(line: int) -> bool:
    _, separator, comment = LINES[line].partition(" # ")
    return bool(separator and SOURCE.search(comment))


def without_source(node: yaml.Node, place: str, lines: tuple[int, ...]) -> Iterator[str]:
    """The leaves below a node that have no source on their own line nor on that of a section they are in."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from without_source(value, f"{place}.{key.value}", (*lines, key.start_mark.line))
    elif not any(has_source(line) for line in lines):
        yield f"{place} (line {lines[-1] + 1})"


@pytest.mark.parametrize("section", SECTIONS)
def test_every_setting_has_a_source(section: str) -> None:
    root = yaml.compose(TEXT)
    (node,) = [value for key, value in root.value if key.value == section]
    assert list(without_source(node, section, ())) == []


def test_a_setting_without_a_source_would_be_found() -> None:
    assert list(without_source(yaml.compose("{a: 1}"), "x", ())) == ["x.a (line 1)"]
    assert SOURCE.search("train.py:176") and SOURCE.search("ours: not stated") and not SOURCE.search("number of hours")


def test_the_paper_trains_longer_for_table_2() -> None:
    """Sec. 4.3 says 100K for what Table 2 compares, App. A 10K for all experiments."""
    motion = load_setup("paper")["motion"]
    for split, iterations in {"ovis_sub": 100_000, "ovis_sub_sparse": 100_000, "ovis": 10_000, "bdd": 10_000}.items():
        section = motion_on(motion, split)
        assert section["training"] == motion["training"] | {"iterations": iterations}
        assert "training_on" not in section


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("motion.training_on={ovis_subb: {iterations: 3}}", "motion.training_on: 'ovis_subb' is not under splits"),
        (
            "motion.training_on={ovis_sub: {iteration: 3}}",
            "unknown key 'iteration' at motion.training_on.ovis_sub",
        ),
        ("motion.training={batch_size: 0}", "motion.training.batch_size: 0 is less than the minimum of 1"),
    ],
)
def test_wrong_overrides_name_the_key(assignment: str, message: str) -> None:
    with pytest.raises(InstMoveError, match=re.escape(message)):
        load_setup("paper", nest([assignment]))
