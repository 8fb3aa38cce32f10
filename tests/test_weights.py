"""The weights in the repository are what their manifest says."""

from pathlib import Path

import numpy as np
import pytest

from instmove import weights
from instmove.errors import InstMoveError
from instmove.files import read_json
from instmove.reporting.learning_curves import read_log
from instmove.weights import LIMIT, SHIPPED, ship, shipped_log, shipped_weights, verify_shipped

TOTAL = 40_000_000
"""DECISIONS of the project: all shipped weights together stay below this."""


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one shipped file, ``raft``."""
    monkeypatch.setattr(weights, "SHIPPED", tmp_path / "shipped")
    trained = tmp_path / "model.safetensors"
    trained.write_bytes(b"weights")
    log = tmp_path / "log.csv"
    log.write_text("iteration,loss,validation_ap50\n10,1.23456789,\n20,0.25,\n")
    ship("raft", trained, log, {"width": 0.5})
    return tmp_path / "shipped"


def test_the_repository_s_own_are_unchanged_and_small() -> None:
    assert verify_shipped() == []
    assert sum(path.stat().st_size for path in SHIPPED.glob("*")) < TOTAL


def test_shipping_records_digest_recipe_and_metrics(shipped: Path) -> None:
    assert verify_shipped() == []
    assert read_json(shipped / "manifest.json") == {
        "raft": {
            "sha256": "9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c",
            "bytes": 7,
            "recipe": {"width": 0.5},
            "metrics": {"iteration": 20.0, "loss": 0.25},
        }
    }


def test_shipping_again_replaces_one_entry(shipped: Path, tmp_path: Path) -> None:
    for name in ("raft", "host"):
        (tmp_path / "model.safetensors").write_bytes(name.encode())
        ship(name, tmp_path / "model.safetensors", tmp_path / "log.csv", {})
    assert (shipped / "raft.safetensors").read_bytes() == b"raft"
    assert sorted(read_json(shipped / "manifest.json")) == ["host", "raft"]
    assert verify_shipped() == []


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"Weights", "its sha256 is not the manifest's"), (None, "in the manifest but missing")],
)
def test_a_changed_or_missing_file_is_noticed(shipped: Path, content: bytes | None, problem: str) -> None:
    file = shipped / "raft.safetensors"
    file.unlink() if content is None else file.write_bytes(content)
    (found,) = verify_shipped()
    assert found.startswith(f"{file}: {problem}")


@pytest.mark.parametrize("name", ["other.safetensors", "other.csv"])
def test_a_file_nobody_listed_is_noticed(shipped: Path, name: str) -> None:
    (shipped / name).write_bytes(b"")
    assert verify_shipped() == [f"{shipped / name}: not in the manifest"]


def test_the_log_is_kept_thinned_with_its_last_row_and_every_validation(shipped: Path, tmp_path: Path) -> None:
    rows = [f"{k},{1 / k},{'0.5' if k == 101 else ''}" for k in range(1, 1001)]
    (tmp_path / "log.csv").write_text("\n".join(["iteration,loss,validation_ap50", *rows]))
    ship("raft", tmp_path / "model.safetensors", tmp_path / "log.csv", {})
    kept = shipped_log(shipped / "raft.safetensors")
    curves = read_log(Path(str(kept)))
    iterations, losses = curves["loss"]
    assert list(iterations) == sorted([*range(5, 1001, 5), 101])
    np.testing.assert_allclose(losses, 1 / iterations, rtol=1e-4)
    assert [list(axis) for axis in curves["validation_ap50"]] == [[101], [0.5]]


def test_an_empty_log_is_refused_and_of_weights_without_one_there_is_none(shipped: Path, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("iteration,loss\n")
    with pytest.raises(InstMoveError, match=r"log\.csv: an empty training log"):
        ship("host", tmp_path / "model.safetensors", tmp_path / "log.csv", {})
    assert shipped_log(shipped / "host.safetensors") is None and not (shipped / "host.safetensors").exists()


def test_too_large_is_refused_and_nothing_changes(shipped: Path, tmp_path: Path) -> None:
    with (tmp_path / "large.safetensors").open("wb") as handle:
        handle.truncate(LIMIT + 1)
    with pytest.raises(InstMoveError, match=f"large.safetensors: {LIMIT + 1} bytes, the repository takes {LIMIT}"):
        ship("large", tmp_path / "large.safetensors", tmp_path / "log.csv", {})
    assert sorted(path.name for path in shipped.iterdir()) == ["manifest.json", "raft.csv", "raft.safetensors"]


def test_a_setup_gets_them_if_it_asks(shipped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shipped.parent)
    assert shipped_weights({"weights": "shipped"}, "raft") == "shipped/raft.safetensors"
    assert shipped_weights({"weights": "shipped"}, "host") is None
    assert shipped_weights({"weights": "train"}, "raft") is None
    monkeypatch.chdir(shipped)
    assert shipped_weights({"weights": "shipped"}, "raft") == "raft.safetensors"
    monkeypatch.chdir(Path(__file__).parent)
    assert shipped_weights({"weights": "shipped"}, "raft") == str(shipped / "raft.safetensors")
