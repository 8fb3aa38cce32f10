"""The page on getting ready names all that the paper setup needs, as the setup has it."""

import re

from instmove.config import ROOT, load_setup
from instmove.reporting.needs import checkpoint_needs, dataset_needs
from instmove.reporting.overview import short_names, tables_by_source

SETUP = load_setup("paper")
PAGE = (ROOT / "docs/paper-scale.md").read_text(encoding="utf-8")
ROWS = {row.split("|")[1].strip(): row for row in PAGE.splitlines() if row.startswith("| `checkpoints/")}


def test_every_checkpoint_has_a_row_with_the_tables_it_enables() -> None:
    tables = tables_by_source(SETUP)
    needed = {str(need.path): tables[need.of] for need in checkpoint_needs(SETUP)}
    assert {name.strip("`") for name in ROWS} == needed.keys()
    for path, enabled in needed.items():
        cells = [cell.strip() for cell in ROWS[f"`{path}`"].split("|")]
        numbers = short_names(enabled).replace(" ", ", ")
        assert cells[-2] == ("all" if len(enabled) == len(SETUP["tables"]) + 1 else numbers)


def test_every_download_is_named_and_no_other() -> None:
    named = set(re.findall(r"`(?:snakemake --cores 1 )?fetch_(\w+)", PAGE))
    assert named == set(SETUP["downloads"])


def test_every_folder_of_a_dataset_is_named() -> None:
    for name in SETUP["datasets"]:
        for need in dataset_needs(SETUP, name):
            root = need.path.relative_to("data/paper").parts[0]
            assert f"data/paper/{root}" in PAGE
