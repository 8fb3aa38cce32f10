"""Being here puts this folder on the import path, so that every test can import the helpers beside it."""

import os

import pytest

# Before numpy and torch are imported: pytest -n runs as many processes as there are cores, and threads of all of them
# on all cores wait for each other.
for library in ("OPENBLAS", "OMP"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What runs workflows first: it takes longest, and two workers should end together."""
    items.sort(key=lambda item: not hasattr(getattr(item, "module", None), "snakemake"))
