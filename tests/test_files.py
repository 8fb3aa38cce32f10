import errno
import hashlib
import json
import signal
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instmove.errors import InstMoveError
from instmove.files import atomic_path, digest, read_json, sha256_of_file, write_json, write_text

usage = namedtuple("usage", "total used free")
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "new" / "x.txt"
    with pytest.raises(RuntimeError), atomic_path(target) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert list(target.parent.iterdir()) == []
    with atomic_path(target) as temporary:
        assert temporary.parent == target.parent and temporary.suffix == ".txt"
        temporary.write_text("whole")
        assert not target.exists()
    assert target.read_text() == "whole" and list(target.parent.iterdir()) == [target]


def test_a_failure_leaves_the_old_file(tmp_path: Path) -> None:
    write_text(tmp_path / "x.txt", "old")
    with pytest.raises(RuntimeError), atomic_path(tmp_path / "x.txt") as temporary:
        temporary.write_text("new")
        raise RuntimeError
    assert (tmp_path / "x.txt").read_text() == "old"


def test_folders_are_replaced_too(tmp_path: Path) -> None:
    for content in ("one", "two"):
        with atomic_path(tmp_path / "folder") as temporary:
            temporary.mkdir()
            (temporary / content).touch()
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["two"]
    with pytest.raises(RuntimeError), atomic_path(tmp_path / "folder") as temporary:
        temporary.mkdir()
        raise RuntimeError
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_what_a_killed_process_left_goes_with_the_next_one(tmp_path: Path) -> None:
    """Killed for real while it writes a file and a folder. What another machine may be at stays."""
    program = f"""
import os, signal
from instmove.files import atomic_path
with atomic_path({str(tmp_path / "x[1].json")!r}) as file, atomic_path({str(tmp_path / "folder")!r}) as folder:
    file.write_text("half")
    folder.mkdir()
    (folder / "half").touch()
    os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 2
    elsewhere = tmp_path / ".folder.another-machine-1.partial"
    elsewhere.touch()
    write_text(tmp_path / "x[1].json", "whole")
    with atomic_path(tmp_path / "folder") as folder:
        folder.mkdir()
    assert sorted(path.name for path in tmp_path.iterdir()) == [elsewhere.name, "folder", "x[1].json"]
    assert list((tmp_path / "folder").iterdir()) == []


def test_a_full_disk_is_one_line_whoever_noticed_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InstMoveError, match=r"x\.pt: no space left on the disk"), atomic_path(tmp_path / "x.pt"):
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(InstMoveError, match=r"x\.pt: no space left on the disk"), atomic_path(tmp_path / "x.pt"):
        raise RuntimeError("Error while serializing: I/O error: No space left on device (os error 28)")
    with pytest.raises(RuntimeError, match="something else"), atomic_path(tmp_path / "x.pt"):
        raise RuntimeError("something else")
    monkeypatch.setattr("instmove.files.shutil.disk_usage", lambda path: usage(1000, 1000, 0))
    with pytest.raises(InstMoveError, match=r"x\.pt: no space left on the disk"), atomic_path(tmp_path / "x.pt"):
        raise RuntimeError("torch writes so")


@settings(max_examples=30, deadline=None)
@given(value=json_values)
def test_json_round_trips(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    path = tmp_path_factory.getbasetemp() / "value.json"
    write_json(path, value)
    assert read_json(path) == json.loads(json.dumps(value))


def test_equal_values_are_equal_bytes_and_digests(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"x": 1, "y": 2})
    write_json(tmp_path / "b.json", {"y": 2, "x": 1})
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert digest({"x": 1, "y": 2}) == digest({"y": 2, "x": 1}) != digest({"x": 2, "y": 1})
    with pytest.raises(ValueError, match="Out of range"):
        write_json(tmp_path / "c.json", float("nan"))
    assert not (tmp_path / "c.json").exists()


@pytest.mark.parametrize("content", [b"", b'{"a": [1, 2', b"\xff\xfe", b"[1] [2]"])
def test_broken_json_is_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(InstMoveError, match=r"x\.json: not valid JSON .*download complete\?$"):
        read_json(tmp_path / "x.json")


def test_missing_json_is_named(tmp_path: Path) -> None:
    with pytest.raises(InstMoveError, match=r"x\.json: file not found"):
        read_json(tmp_path / "x.json")


def test_sha256(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc" * 100_000)
    assert sha256_of_file(tmp_path / "x") == hashlib.sha256(b"abc" * 100_000).hexdigest()
