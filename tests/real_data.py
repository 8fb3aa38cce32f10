"""Real video that cannot be in the repository; tests that need it skip without it."""

import os
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("INSTMOVE_REAL_DATA", Path(__file__).parents[2] / "shared" / "real"))


def real_data(folder: str) -> Path:
    """A folder of it, or skip the test."""
    if not (ROOT / folder).is_dir():
        pytest.skip(f"no real data at {ROOT / folder}; set INSTMOVE_REAL_DATA to the folder that holds {folder}")
    return ROOT / folder
