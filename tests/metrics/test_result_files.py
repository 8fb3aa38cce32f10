import json
from pathlib import Path

import numpy as np
import pytest

from instmove.errors import InstMoveError
from instmove.metrics.result_files import read_result, samples_path, write_submission
from instmove.provenance import Stopwatch, run_record


def test_a_number_without_its_origin_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="origin without setup"):
        write_submission(tmp_path / "m.json", {}, ["AP"])
    assert not (tmp_path / "m.json").exists()


def test_foreign_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text("[1]")
    with pytest.raises(InstMoveError, match=r"m\.json: not a metrics file"):
        read_result(tmp_path / "m.json")


def test_the_samples_lie_beside_the_metrics() -> None:
    assert samples_path(Path("a/seed0.json")) == Path("a/seed0.samples.npz")


def test_a_run_record_is_json_and_says_how_long() -> None:
    record = run_record(0.0, ["instmove", "evaluate-motion"])
    assert json.loads(json.dumps(record)) == record
    assert record["seconds"] > 1e9
    assert record["date"] == "1970-01-01T00:00:00+00:00"
    assert record["versions"]["numpy"] == np.__version__


def test_a_stopwatch_writes_the_record(tmp_path: Path) -> None:
    Stopwatch().write(tmp_path / "seed0.run.json")
    record = json.loads((tmp_path / "seed0.run.json").read_text())
    assert 0 <= record["seconds"] < 60
    assert record["command"]
