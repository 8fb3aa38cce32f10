"""The weights in the repository are what their manifest says."""

from pathlib import Path

import pytest

from instmove import weights
from instmove.errors import InstMoveError
from instmove.files import read_json
from instmove.weights import LIMIT, SHIPPED, ship, shipped_weights, verify_shipped

TOTAL = 40_000_000
"""DECISIONS of the project: all shipped weights together stay below this."""


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one shipped file, ``raft``."""
    monkeypatch.setattr(weights, "SHIPPED", tmp_path / "shipped")
    trained = tmp_path / "model.safetensors"
    trained.write_bytes(b"weights")
    ship("raft", trained, {"width": 0.5}, {"loss": 0.25})
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
            "metrics": {"loss": 0.25},
        }
    }


def test_shipping_again_replaces_one_entry(shipped: Path, tmp_path: Path) -> None:
    for name in ("raft", "host"):
        (tmp_path / "model.safetensors").write_bytes(name.encode())
        ship(name, tmp_path / "model.safetensors", {}, {})
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


def test_a_file_nobody_listed_is_noticed(shipped: Path) -> None:
    (shipped / "other.safetensors").write_bytes(b"")
    assert verify_shipped() == [f"{shipped / 'other.safetensors'}: not in the manifest"]


def test_too_large_is_refused_and_nothing_changes(shipped: Path, tmp_path: Path) -> None:
    with (tmp_path / "large.safetensors").open("wb") as handle:
        handle.truncate(LIMIT + 1)
    with pytest.raises(InstMoveError, match=f"large.safetensors: {LIMIT + 1} bytes, the repository takes {LIMIT}"):
        ship("large", tmp_path / "large.safetensors", {}, {})
    assert sorted(path.name for path in shipped.iterdir()) == ["manifest.json", "raft.safetensors"]


def test_a_setup_gets_them_if_it_asks(shipped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shipped.parent)
    assert shipped_weights({"weights": "shipped"}, "raft") == "shipped/raft.safetensors"
    assert shipped_weights({"weights": "shipped"}, "host") is None
    assert shipped_weights({"weights": "train"}, "raft") is None
    monkeypatch.chdir(shipped)
    assert shipped_weights({"weights": "shipped"}, "raft") == "raft.safetensors"
    monkeypatch.chdir(Path(__file__).parent)
    assert shipped_weights({"weights": "shipped"}, "raft") == str(shipped / "raft.safetensors")
