"""Make docs/deviations.md, what the paper leaves open, from the comments of the setups."""

import argparse

from instmove.config import CONFIG_FOLDER, ROOT


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It has no arguments."""


def run(args: argparse.Namespace) -> None:
    """Write the page."""
    from instmove.files import write_text

    write_text(ROOT / "docs/deviations.md", current())


def current() -> str:
    """The page as the comments and the committed sensitivity runs have it."""
    from instmove.reporting.deviations import deviations_text, read_choices

    choices = [choice for name in ("paper", "mini") for choice in read_choices(CONFIG_FOLDER / f"{name}.yaml")]
    return deviations_text(choices, ROOT / "results/reference/mini/sensitivity.csv")
